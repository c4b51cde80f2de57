/**
 * Chooses the requests and limits of the injected container. Kubernetes schedules a pod by the larger of its largest
 * init container and the sum of its containers, and Fargate bills it so. Therefore what the largest app container
 * requests costs nothing, and it has passed the namespace's LimitRange.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import type { Refusal } from '../../errors.ts';
import type { Pod, Resources } from '../../pod/pod.ts';
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
import { amount, atMost, bytes, larger, request } from './quantity.ts';
import { chooseSidecarResources } from './sidecar-resources.ts';

/** The least CPU that the injected container requests, unless a limit is lower: a helper's 1m says nothing about it. */
const DEFAULT_CPU = '50m';

type Chosen = NonNullable<Resources> | Refusal;

type Last = Pick<ResourceNeeds, 'overrides'> & {
  readonly settings: AdmissionSettings;
  readonly key: string;
  readonly chosen: Chosen;
};

/** The last resources that were chosen with each configuration, and what they were chosen by besides. */
const lastChosen = new WeakMap<InjectorConfig, Last>();

/** The resources of a container have about 60 characters. Those of pods with more are chosen for each pod. */
const LONGEST_KEY = 1024;

/**
 * Returns the requests and limits, or the refusal of a pod whose own memory limit is below what the injected container
 * needs. The volumes of `needs` are those of the configuration. The pods of a Deployment have the same resources, and get
 * the very same object.
 */
export function chooseResources(needs: ResourceNeeds, config: InjectorConfig, settings: AdmissionSettings): Chosen {
  const { overrides } = needs;
  const key = keyOf(needs.pod);
  const last = lastChosen.get(config);
  if (last?.key === key && last.overrides === overrides && last.settings === settings) return last.chosen;
  const chosen = choose(needs, config, settings);
  if (key.length <= LONGEST_KEY) lastChosen.set(config, { overrides, settings, key, chosen });
  return chosen;
}

/** Returns as a text everything of the pod that resources are chosen by. */
function keyOf({ spec }: Pod): string {
  const inits = spec.initContainers?.map(({ name, restartPolicy, resources }) => [name, restartPolicy, resources]);
  return JSON.stringify([spec.resources, spec.containers.map(({ resources }) => resources), inits]);
}

/** Those of a sidecar are others than those of a container that ends before the app starts. */
function choose(needs: ResourceNeeds, { rotation }: InjectorConfig, { injector }: AdmissionSettings): Chosen {
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
  return fromChart(chart, 'cpu') ?? { request: larger(app.request, DEFAULT_CPU), limit: app.limit };
}

function memory({ pod, overrides, volumeBytes }: ResourceNeeds, chart: ChartResources): RequestAndLimit {
  const { memory: own } = overrides;
  if (own !== undefined) return { request: own, limit: own };
  const floor = floorFor(volumeBytes);
  const app = mirrored(pod, 'memory').request;
  const size = app !== undefined && amount(app) > floor ? app : bytes(floor);
  return fromChart(chart, 'memory') ?? { request: size, limit: size };
}
