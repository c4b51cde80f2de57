/** Reads from a pod, its annotations and the chart what decides about the resources of the injected container. */
import { type Refusal, refusal } from '../../errors.ts';
import type { Pod, Resources } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { amount, atMost, bytes, larger, type Quantity, request } from './quantity.ts';

const MEBIBYTE = 2 ** 20;

/**
 * The injected container gets at least so much memory. With seven values, 58 MiB were measured at its peak. The rest is room
 * for proxies.
 */
const FLOOR_BYTES = 96 * MEBIBYTE;

export type ResourceNeeds = {
  readonly pod: Pod;
  /** The size of all volumes in memory: their pages count as memory of the container that writes them. */
  readonly volumeBytes: number;
  readonly overrides: { readonly cpu?: string; readonly memory?: string };
};

export type ChartResources = AdmissionSettings['injector']['resources'];

export type RequestAndLimit = { readonly request?: Quantity | undefined; readonly limit?: Quantity | undefined };

/** Returns the refusal of a pod whose own memory limit is below what the injected container needs, or undefined. */
export function refuseSmall({ pod, overrides, volumeBytes }: ResourceNeeds): Refusal | undefined {
  const floor = overrides.memory === undefined ? floorFor(volumeBytes) : amount(overrides.memory);
  const { memory: most } = pod.spec.resources?.limits ?? {};
  if (most == null || amount(most) >= floor) return undefined;
  return refusal(
    'ASI_ADMIT_POD_TOO_SMALL',
    `spec.resources.limits.memory of the pod is ${most}, but the injected container needs ${bytes(floor)}: set it to that or more.`,
  );
}

/** Returns the bytes of memory with which a run of the injector fits, and what it writes. */
export function floorFor(volumeBytes: number): number {
  return FLOOR_BYTES + Math.ceil(volumeBytes / MEBIBYTE) * MEBIBYTE;
}

/**
 * Returns the largest request and the largest limit of the app's containers. All of them have passed the LimitRange of
 * the namespace, and so do these two together. A limit counts only if all have one: else ours would be the only limited
 * one.
 */
export function mirrored({ spec }: Pod, name: string): RequestAndLimit {
  let asked: Quantity | undefined;
  let limit: Quantity | undefined;
  let isLimited = true;
  for (const { resources } of spec.containers) {
    const own = resources?.limits?.[name];
    asked = larger(asked, request(resources, name));
    limit = larger(limit, own);
    isLimited &&= own !== undefined;
  }
  return { request: asked, limit: isLimited ? limit : undefined };
}

/** Returns what the chart says about a resource; undefined if it says nothing. */
export function fromChart(chart: ChartResources, name: string): RequestAndLimit | undefined {
  const pair = { request: chart?.requests?.[name], limit: chart?.limits?.[name] };
  return pair.request === undefined && pair.limit === undefined ? undefined : pair;
}

/**
 * Returns requests and limits without those that are undefined. `fit` returns how much of a request the pod has room for. No limit is
 * above one of the pod's own, and no request above its limit.
 */
export function toResources(
  { spec }: Pod,
  pairs: Readonly<Record<string, RequestAndLimit>>,
  fit: (name: string, wanted: Quantity | undefined) => Quantity | undefined,
): NonNullable<Resources> {
  const requests: Record<string, Quantity> = {};
  const limits: Record<string, Quantity> = {};
  for (const [name, pair] of Object.entries(pairs)) {
    const limit = atMost(pair.limit, spec.resources?.limits?.[name]);
    const asked = atMost(fit(name, pair.request ?? limit), limit);
    if (asked !== undefined) requests[name] = asked;
    if (limit !== undefined) limits[name] = limit;
  }
  return { requests, limits };
}
