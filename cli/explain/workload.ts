/** Explains a workload of the cluster: its pod templates, and the one of its pods that tells most. */
import { oneLine } from '../../injector/contract/text.ts';
import { type Answer, type Cluster, objectIn, unknownIn } from '../cluster/cluster.ts';
import type { ClusterEvent, LivePod, Metadata } from '../cluster/objects.ts';
import { findResource } from '../cluster/resources.ts';
import { UsageError } from '../shell.ts';
import { type Explanation, explainPod, explainTemplate } from './explanation.ts';
import { foundIn, gatherPod, gatherTemplate } from './gather.ts';
import { offspringOf } from './offspring.ts';
import { eventLines, isInjected, statesOf } from './state.ts';

type Workload = { readonly apiVersion: string; readonly kind: string; readonly metadata: Metadata };

/**
 * Returns an explanation of each pod template in the object, and one of its newest pod, or of the newest that fails. `type` names
 * the resource as kubectl takes it. Throws a `UsageError` if there is no such object, or it has no pod template.
 */
export async function explainWorkload(cluster: Cluster, type: string, name: string): Promise<Explanation[]> {
  const workload = await readWorkload(cluster, type, name);
  const { namespace } = cluster;
  const object = `${workload.kind} ${namespace}/${name}`;
  const found = foundIn(workload);
  if (found.templates.length === 0) {
    throw new UsageError(
      `${object} has no pod template. If another resource has this name too, write its group behind it, as in ${type}.example.com/${name}.`,
    );
  }
  const { pods, events, unknown } = await readOffspring(cluster, workload.metadata.uid ?? '');
  const pod = mostTelling(pods);
  const templates = await Promise.all(
    found.templates.map(async (template) => {
      const { examined, misplaced, asked, unknown: more } = await gatherTemplate(cluster, found, template);
      const explained = explainTemplate(object, examined, misplaced, asked);
      return {
        ...explained,
        summary: `${explained.summary} ${pod ? countOf(pods, pod) : NONE[unknown.length > 0 ? 'hidden' : 'absent']}`,
        events: eventLines(events),
        unknown: [...new Set([...explained.unknown, ...more, ...unknown])],
      };
    }),
  );
  if (pod === undefined) return templates;
  const live = await gatherPod(cluster, pod);
  return [...templates, explainPod(`Pod ${namespace}/${pod.metadata.name ?? ''}`, live)];
}

async function readWorkload(cluster: Cluster, type: string, name: string): Promise<Workload> {
  const { namespace } = cluster;
  const resource = await findResource(cluster, type);
  if (resource.kind === 'unknown') throw new UsageError(resource.why);
  if (resource.kind === 'absent') {
    throw new UsageError(
      `The cluster has no resource ${oneLine(type, 253)} in its namespaces: write pod/NAME, or TYPE/NAME as in deployment/web. Name files by -f.`,
    );
  }
  const { api, plural, kind } = resource.value;
  const answer = await cluster.get<Workload>({ api, plural, namespace }, name);
  if (answer.kind === 'unknown') throw new UsageError(answer.why);
  if (answer.kind === 'absent') {
    throw new UsageError(
      `There is no ${kind} ${namespace}/${oneLine(name, 253)}. See kubectl get ${plural} -n ${namespace}`,
    );
  }
  return { ...answer.value, apiVersion: api, kind };
}

type Family = {
  readonly pods: readonly LivePod[];
  /** The events which say that no pod could be created. */
  readonly events: readonly ClusterEvent[];
  readonly unknown: readonly string[];
};

async function readOffspring(cluster: Cluster, uid: string): Promise<Family> {
  const { namespace } = cluster;
  const answers: [Answer<readonly LivePod[]>, Answer<readonly ClusterEvent[]>] = await Promise.all([
    cluster.list<LivePod>({ api: 'v1', plural: 'pods', namespace }),
    cluster.list<ClusterEvent>({ api: 'v1', plural: 'events', namespace }, 'reason=FailedCreate'),
  ]);
  const [pods, events] = await Promise.all([
    offspringOf(cluster, uid, objectIn(answers[0]) ?? [], ({ metadata }) => metadata.ownerReferences ?? []),
    offspringOf(cluster, uid, objectIn(answers[1]) ?? [], ({ involvedObject }) => [involvedObject ?? []].flat()),
  ]);
  return {
    pods: pods.found,
    events: events.found,
    unknown: [...unknownIn(answers), ...pods.unknown, ...events.unknown],
  };
}

function isFailing(pod: LivePod): boolean {
  return statesOf(pod).some((one) => isInjected(one) && one.state === 'failed');
}

/** Returns the newest pod whose injected container fails, else the newest one. */
function mostTelling(pods: readonly LivePod[]): LivePod | undefined {
  const failing = pods.filter(isFailing);
  const created = ({ metadata }: LivePod) => metadata.creationTimestamp ?? '';
  return (failing.length > 0 ? failing : pods).toSorted((a, b) => (created(a) < created(b) ? 1 : -1))[0];
}

const NONE = {
  absent: 'It has no pod now.',
  hidden: 'Its pods can not be found, because not everything can be seen that may belong to it.',
};

/** Says how many pods there are, and which of them is explained. */
function countOf(pods: readonly LivePod[], shown: LivePod): string {
  if (pods.length === 1) return 'It has one pod now, see below.';
  return `It has ${pods.length} pods now; the newest one${isFailing(shown) ? ' that fails' : ''} is below.`;
}
