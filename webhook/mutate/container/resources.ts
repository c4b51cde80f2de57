/**
 * Chooses the requests and limits of the injected container. Kubernetes schedules a pod by the larger of its largest
 * init container and the sum of its containers, and Fargate bills it so. Therefore what the largest app container
 * requests costs nothing, and it has passed the namespace's LimitRange.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
import { type Refusal, refusal } from '../../errors.ts';
import type { Pod, Resources } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { amount, atMost, bytes, largest, type Quantity, request } from './quantity.ts';

const MEBIBYTE = 2 ** 20;

/**
 * The injected container gets at least so much memory. With seven values, 58 MiB were measured at its peak. The rest is room
 * for proxies.
 */
const FLOOR_BYTES = 96 * MEBIBYTE;

/** The least CPU that the injected container requests, unless a limit is lower: a helper's 1m says nothing about it. */
const DEFAULT_CPU = '50m';

export type ResourceNeeds = {
  readonly pod: Pod;
  /** The size of all volumes in memory: their pages count as memory of the container that writes them. */
  readonly volumeBytes: number;
  readonly overrides: { readonly cpu?: string; readonly memory?: string };
  readonly chart: AdmissionSettings['injector']['resources'];
};

type RequestAndLimit = { readonly request?: Quantity | undefined; readonly limit?: Quantity | undefined };

/**
 * Returns the requests and limits, or the refusal of a pod whose own memory limit is below what the injected container
 * needs.
 */
export function chooseResources(needs: ResourceNeeds): NonNullable<Resources> | Refusal {
  const { pod } = needs;
  const ceiling = pod.spec.resources;
  const pairs = { cpu: cpu(needs), memory: memory(needs), 'ephemeral-storage': mirrored(pod, 'ephemeral-storage') };
  const floor = needs.overrides.memory === undefined ? floorFor(needs.volumeBytes) : amount(needs.overrides.memory);
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
    const limit = atMost(pair.limit, ceiling?.limits?.[name]);
    const asked = atMost(atMost(pair.request ?? limit, request(ceiling, name)), limit);
    if (asked !== undefined) requests[name] = asked;
    if (limit !== undefined) limits[name] = limit;
  }
  return { requests, limits };
}

function cpu({ pod, overrides, chart }: ResourceNeeds): RequestAndLimit {
  const app = mirrored(pod, 'cpu');
  const { cpu: own } = overrides;
  if (own !== undefined) return { request: own, limit: app.limit === undefined ? undefined : own };
  return fromChart(chart, 'cpu') ?? { request: largest([app.request, DEFAULT_CPU]), limit: app.limit };
}

function memory({ pod, overrides, chart, volumeBytes }: ResourceNeeds): RequestAndLimit {
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

/**
 * Returns the largest request and the largest limit of the app's containers. All of them have passed the LimitRange of
 * the namespace, and so do these two together. A limit counts only if all have one: else ours would be the only limited
 * one.
 */
function mirrored({ spec }: Pod, name: string): RequestAndLimit {
  const limits = spec.containers.map(({ resources }) => resources?.limits?.[name]);
  return {
    request: largest(spec.containers.map(({ resources }) => request(resources, name))),
    limit: limits.includes(undefined) ? undefined : largest(limits),
  };
}

function fromChart(chart: ResourceNeeds['chart'], name: string): RequestAndLimit | undefined {
  const pair = { request: chart?.requests?.[name], limit: chart?.limits?.[name] };
  return pair.request === undefined && pair.limit === undefined ? undefined : pair;
}
