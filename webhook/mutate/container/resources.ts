/**
 * What the init container asks for. A pod is scheduled, and billed on Fargate, by the larger of its init containers and the
 * sum of the others: what the largest app container asks for costs nothing, and has passed the namespace's LimitRange.
 */
import { type Refusal, refusal } from '../../errors.ts';
import type { Container, Pod, Resources } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { amount, bytes, largest, type Quantity, request } from './quantity.ts';

const MEBIBYTE = 2 ** 20;

/** Measured: 58 MiB at its peak with seven values; the rest is room for other hosts' page sizes and proxies. */
const FLOOR_BYTES = 96 * MEBIBYTE;
const DEFAULT_CPU = '50m';

export type Wish = {
  readonly pod: Pod;
  /** Pages of the in-memory volume count as the memory of the container that writes them. */
  readonly volumeBytes: number;
  readonly overrides: { readonly cpu?: string; readonly memory?: string };
  readonly chart: AdmissionSettings['injector']['resources'];
};

type Pair = { readonly request?: Quantity | undefined; readonly limit?: Quantity | undefined };

/** The container's resources, or the refusal of a pod whose own ceiling is too low for it. */
export function chooseResources(wish: Wish): NonNullable<Resources> | Refusal {
  const { pod } = wish;
  const ceiling = pod.spec.resources;
  const pairs = { cpu: cpu(wish), memory: memory(wish), 'ephemeral-storage': mirrored(pod, 'ephemeral-storage') };
  const floor = wish.overrides.memory === undefined ? floorFor(wish.volumeBytes) : amount(wish.overrides.memory);
  const { memory: most } = ceiling?.limits ?? {};
  if (most !== undefined && amount(most) < floor) {
    return refusal(
      'ASI_ADMIT_POD_TOO_SMALL',
      `spec.resources.limits.memory of the pod is ${most}, but the injected container needs ${bytes(floor)}: raise it.`,
    );
  }
  const requests: Record<string, Quantity> = {};
  const limits: Record<string, Quantity> = {};
  for (const [name, pair] of Object.entries(pairs)) {
    const limit = smaller(pair.limit, ceiling?.limits?.[name]);
    const asked = smaller(pair.request ?? limit, request(ceiling, name));
    if (asked !== undefined) requests[name] = asked;
    if (limit !== undefined) limits[name] = limit;
  }
  return { requests, limits };
}

function cpu({ pod, overrides, chart }: Wish): Pair {
  const app = mirrored(pod, 'cpu');
  const { cpu: own } = overrides;
  if (own !== undefined) return { request: own, limit: app.limit === undefined ? undefined : own };
  return fromChart(chart, 'cpu') ?? { request: app.request ?? DEFAULT_CPU, limit: app.limit };
}

function memory({ pod, overrides, chart, volumeBytes }: Wish): Pair {
  const { memory: own } = overrides;
  if (own !== undefined) return { request: own, limit: own };
  const floor = floorFor(volumeBytes);
  const app = mirrored(pod, 'memory').request;
  const size = app !== undefined && amount(app) > floor ? app : bytes(floor);
  return fromChart(chart, 'memory') ?? { request: size, limit: size };
}

function floorFor(volumeBytes: number): number {
  return FLOOR_BYTES + Math.ceil(volumeBytes / MEBIBYTE) * MEBIBYTE;
}

/** What the largest app container asks for; its limit only where all have one, as else it would be the first. */
function mirrored(pod: Pod, name: string): Pair {
  const { containers } = pod.spec;
  const model = largest(containers, name);
  const limited = containers.every((container: Container) => container.resources?.limits?.[name] !== undefined);
  return {
    request: request(model?.resources, name),
    limit: limited ? model?.resources?.limits?.[name] : undefined,
  };
}

function fromChart(chart: Wish['chart'], name: string): Pair | undefined {
  const pair = { request: chart?.requests?.[name], limit: chart?.limits?.[name] };
  return pair.request === undefined && pair.limit === undefined ? undefined : pair;
}

function smaller(wanted: Quantity | undefined, ceiling: Quantity | undefined): Quantity | undefined {
  if (wanted === undefined || ceiling === undefined) return wanted;
  return amount(wanted) > amount(ceiling) ? ceiling : wanted;
}
