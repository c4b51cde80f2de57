/**
 * Chooses the requests and limits of the injected container. Kubernetes schedules a pod by the larger of its largest
 * init container and the sum of its containers, and Fargate bills it so. Therefore what the largest app container
 * requests costs nothing, and it has passed the namespace's LimitRange.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import type { Refusal } from '../../errors.ts';
import type { Resources } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import {
  type ChartResources,
  floorFor,
  fromChart,
  mirrored,
  type RequestAndLimit,
  type ResourceNeeds,
  refuseSmall,
  toResources,
} from './needs.ts';
import { amount, atMost, bytes, largest, request } from './quantity.ts';
import { chooseSidecarResources } from './sidecar-resources.ts';

/** The least CPU that the injected container requests, unless a limit is lower: a helper's 1m says nothing about it. */
const DEFAULT_CPU = '50m';

/**
 * Returns the requests and limits, or the refusal of a pod whose own memory limit is below what the injected container
 * needs. Those of a sidecar are others than those of a container that ends before the app starts.
 */
export function chooseResources(
  needs: ResourceNeeds,
  { rotation }: InjectorConfig,
  { injector }: AdmissionSettings,
): NonNullable<Resources> | Refusal {
  const tooSmall = refuseSmall(needs);
  if (tooSmall) return tooSmall;
  if (rotation) return chooseSidecarResources(needs, injector.rotationResources);
  const { pod } = needs;
  const { resources: chart } = injector;
  const pairs = {
    cpu: cpu(needs, chart),
    memory: memory(needs, chart),
    'ephemeral-storage': mirrored(pod, 'ephemeral-storage'),
  };
  return toResources(pod, pairs, (name, wanted) => atMost(wanted, request(pod.spec.resources, name)));
}

function cpu({ pod, overrides }: ResourceNeeds, chart: ChartResources): RequestAndLimit {
  const app = mirrored(pod, 'cpu');
  const { cpu: own } = overrides;
  if (own !== undefined) return { request: own, limit: app.limit === undefined ? undefined : own };
  return fromChart(chart, 'cpu') ?? { request: largest([app.request, DEFAULT_CPU]), limit: app.limit };
}

function memory({ pod, overrides, volumeBytes }: ResourceNeeds, chart: ChartResources): RequestAndLimit {
  const { memory: own } = overrides;
  if (own !== undefined) return { request: own, limit: own };
  const floor = floorFor(volumeBytes);
  const app = mirrored(pod, 'memory').request;
  const size = app !== undefined && amount(app) > floor ? app : bytes(floor);
  return fromChart(chart, 'memory') ?? { request: size, limit: size };
}
