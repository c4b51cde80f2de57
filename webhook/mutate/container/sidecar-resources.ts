/**
 * Chooses the requests and limits of an injected container that stays, as a sidecar. Kubernetes adds them to those of
 * the app, and Fargate bills them. Therefore they are what was measured, and nothing of the app is mirrored.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
import { CONTAINER, SENTINEL_CONTAINER } from '../../pod/names.ts';
import type { Container, Pod, Resources } from '../../pod/pod.ts';
import {
  type ChartResources,
  floorFor,
  fromChart,
  mirrored,
  type RequestAndLimit,
  type ResourceNeeds,
  toResources,
} from './needs.ts';
import { amount, bytes, type Quantity, request } from './quantity.ts';

/** The sidecar waits with 54 MiB of memory, and has at most 56 during a look at AWS. */
const MEMORY = '64Mi';

/** The sidecar takes less than 3 ms of CPU in a second while it waits. */
const CPU = '10m';

/**
 * The CPU of a sidecar in a pod whose quality of service is Guaranteed, where the limit is the request: with less than
 * this, the 90 ms of CPU of the first run take longer than a second.
 */
const GUARANTEED_CPU = '100m';

/** The log of the sidecar is on the node's disk: the kubelet keeps five files of 10 MiB of it by default. */
const STORAGE = '64Mi';

/**
 * Returns the requests and limits of the sidecar. Where the pod has a budget of its own, the request is what the other
 * containers leave of it.
 */
export function chooseSidecarResources(needs: ResourceNeeds, chart: ChartResources): NonNullable<Resources> {
  const { pod } = needs;
  const pairs = { cpu: cpu(needs, chart), memory: memory(needs, chart), 'ephemeral-storage': storage(pod) };
  return toResources(pod, pairs, (name, wanted) => within(pod, name, wanted));
}

function cpu({ pod, overrides }: ResourceNeeds, chart: ChartResources): RequestAndLimit {
  const { limit } = mirrored(pod, 'cpu');
  const { cpu: own } = overrides;
  if (own !== undefined) return { request: own, limit: limit === undefined ? undefined : own };
  const ofChart = fromChart(chart, 'cpu');
  if (ofChart) return ofChart;
  return isGuaranteed(pod) ? { request: GUARANTEED_CPU, limit: GUARANTEED_CPU } : { request: CPU, limit };
}

function memory({ pod, overrides, volumeBytes }: ResourceNeeds, chart: ChartResources): RequestAndLimit {
  const { memory: own } = overrides;
  if (own !== undefined) return { request: own, limit: own };
  const limit = bytes(floorFor(volumeBytes));
  return fromChart(chart, 'memory') ?? { request: isGuaranteed(pod) ? limit : MEMORY, limit };
}

/** Returns nothing unless every app container has a limit: a quota of the namespace then asks for one of each container. */
function storage(pod: Pod): RequestAndLimit {
  const { limit } = mirrored(pod, 'ephemeral-storage');
  return limit === undefined ? {} : { request: STORAGE, limit: STORAGE };
}

/** Returns whether the pod without ours is Guaranteed: all its containers have limits, and request the same. */
function isGuaranteed({ spec }: Pod): boolean {
  const others = (spec.initContainers ?? []).filter(({ name }) => name !== CONTAINER && name !== SENTINEL_CONTAINER);
  return [...spec.containers, ...others].every(({ resources }) =>
    ['cpu', 'memory'].every((name) => {
      const limit = resources?.limits?.[name];
      return limit !== undefined && amount(limit) === amount(request(resources, name) ?? limit);
    }),
  );
}

/**
 * Returns the request, but no more than the containers leave of the pod's own: the API server refuses a pod whose
 * containers request more together.
 * https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/
 */
function within({ spec }: Pod, name: string, wanted: Quantity | undefined): Quantity | undefined {
  const budget = request(spec.resources, name);
  if (wanted === undefined || budget === undefined) return wanted;
  const staying = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  const taken = staying.reduce((total, { resources }) => total + amount(request(resources, name) ?? 0), 0);
  const left = Math.max(0, amount(budget) - taken);
  if (amount(wanted) <= left) return wanted;
  if (left === 0) return '0';
  // Fractions of CPU are not exact in binary: 1 - 0.9 is a little less than 0.1.
  return name === 'cpu' ? `${Math.floor(left * 1000 + 1e-6)}m` : bytes(Math.floor(left));
}

function isSidecar({ name, restartPolicy }: Container): boolean {
  return restartPolicy === 'Always' && name !== CONTAINER;
}
