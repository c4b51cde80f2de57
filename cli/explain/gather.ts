/** Reads from a cluster what an explanation needs, with the rights of the user. What they may not read is said, and not guessed. */
import { oneLine } from '../../injector/contract/text.ts';
import { readCandidate } from '../../webhook/admission/candidate.ts';
import { externalNames } from '../../webhook/admission/external-secrets.ts';
import { secretsToServe } from '../../webhook/admission/find-external-secrets.ts';
import { everyNodeDelivers } from '../../webhook/admission/node.ts';
import { classNames } from '../../webhook/declare/classes/classes.ts';
import { secretNameOf, storesOf } from '../../webhook/external-secrets/references.ts';
import { asPod, type Pod } from '../../webhook/pod/pod.ts';
import { readPrevious } from '../../webhook/reinvocation/previous.ts';
import { type Found, findInValue, type KubernetesObject, type Template } from '../../webhook/workload/find.ts';
import { type Misplaced, misplacedIn } from '../../webhook/workload/misplaced.ts';
import { podOf } from '../../webhook/workload/pod.ts';
import { type Examined, examine } from '../admission/examine.ts';
import { defaultSettings } from '../admission/settings.ts';
import { type World, worldOf } from '../admission/world.ts';
import { type Answer, type Cluster, type Collection, objectIn, unknownIn } from '../cluster/cluster.ts';
import { readNamespaceLabels, readNodes, readServerVersion } from '../cluster/facts.ts';
import { type Installation, readInstallation } from '../cluster/installation.ts';
import type { ClusterEvent, LivePod, Metadata } from '../cluster/objects.ts';
import { UsageError } from '../shell.ts';
import { askedOf, type Condition, type Passage } from './conditions.ts';
import type { Live } from './explanation.ts';
import { collectionOf, MOST_OWNERS } from './offspring.ts';

const CLASSES = 'secrets-store.csi.x-k8s.io';
const EXTERNAL = 'external-secrets.io';

/** Returns what the cluster says of the pod. Throws a `UsageError` if there is no such pod, or the user may not read it. */
export async function gather(cluster: Cluster, name: string): Promise<Live> {
  const { namespace } = cluster;
  const answer = await cluster.get<LivePod>({ api: 'v1', plural: 'pods', namespace }, name);
  if (answer.kind === 'unknown') throw new UsageError(answer.why);
  if (answer.kind === 'absent') {
    throw new UsageError(`There is no pod ${namespace}/${oneLine(name, 253)}. See kubectl get pods -n ${namespace}`);
  }
  return gatherPod(cluster, answer.value);
}

/** Returns what the cluster says of a pod that was read. */
export async function gatherPod(cluster: Cluster, pod: LivePod): Promise<Live> {
  const { name = '', namespace = cluster.namespace, uid = '' } = pod.metadata;
  const read = asPod(pod);
  if (!read.ok) throw new UsageError(`The API server sent no pod: ${read.problem}.`);
  const selector = `involvedObject.name=${name},involvedObject.uid=${uid}`;
  const events = await cluster.list<ClusterEvent>({ api: 'v1', plural: 'events', namespace }, selector);
  const previous = readPrevious(read.pod);
  const known = { pod, read: read.pod, events, misplaced: [], unknown: [] };
  if (previous) return { ...known, previous };
  const found = foundIn({ apiVersion: 'v1', kind: 'Pod', ...pod });
  const [template] = found.templates;
  if (!template) return known;
  return { ...known, ...(await gatherPassage(cluster, { found, template, pod, read: read.pod })) };
}

type Prospect = Pick<Passages, 'examined' | 'misplaced' | 'unknown'> & {
  /** The conditions for the API server to ask the webhook about the pods. */
  readonly asked: readonly Condition[];
};

/** Returns what would become of a pod that the controller of the template creates now. */
export async function gatherTemplate(
  cluster: Cluster,
  found: Found<object>,
  template: Template<object>,
): Promise<Prospect> {
  const { metadata, spec } = template;
  const read = asPod(podOf(template));
  if (!read.ok) return { examined: read, misplaced: [], asked: [], unknown: [] };
  const pod: LivePod = { metadata: { ...metadata, namespace: cluster.namespace }, spec };
  const { passage, ...more } = await gatherPassage(cluster, { found, template, pod, read: read.pod });
  return { ...more, asked: askedOf(passage) };
}

type Subject = {
  readonly found: Found<object>;
  readonly template: Template<object>;
  readonly pod: LivePod;
  readonly read: Pod;
};

type Passages = {
  readonly passage: Passage;
  readonly examined: Examined;
  readonly misplaced: readonly Misplaced[];
  readonly unknown: readonly string[];
};

/** Reads why nothing was injected into a pod, or what would be injected into one of a template. */
async function gatherPassage(cluster: Cluster, { found, template, pod, read }: Subject): Promise<Passages> {
  const { namespace = cluster.namespace } = pod.metadata;
  const [installation, namespaceLabels, misplaced] = await Promise.all([
    readInstallation(cluster),
    readNamespaceLabels(cluster, namespace),
    misplacedAbove(cluster, template.owner.value['metadata'] as Metadata),
  ]);
  const { configuration } = installation;
  const { settings, assumed } = admissionSettings(installation);
  const { world, unknown } = await readWorld(cluster, { pod: read, namespace, settings });
  return {
    passage: { pod, configuration, namespaceLabels },
    examined: await examine(template, world),
    misplaced: [...found.described.flatMap(misplacedIn), ...misplaced],
    unknown: [...assumed, ...unknown],
  };
}

/** Returns the settings of the webhook; if they can not be read, those of the chart, and a sentence that says so. */
function admissionSettings({ configuration, settings, namespace, deployment }: Installation): {
  readonly settings: World['settings'];
  readonly assumed: readonly string[];
} {
  const defaults = defaultSettings();
  if (settings) return { settings: { ...settings, namespace: namespace ?? defaults.namespace }, assumed: [] };
  if (configuration.kind === 'absent') return { settings: defaults, assumed: [] };
  const why = deployment.kind === 'unknown' ? `: ${deployment.why}` : '.';
  return {
    settings: defaults,
    assumed: [`The settings of the webhook can not be read, and the chart's defaults are assumed${why}`],
  };
}

type Question = { readonly pod: Pod; readonly namespace: string; readonly settings: World['settings'] };

/** Reads the facts that the webhook would ask for about this pod. */
async function readWorld(
  cluster: Cluster,
  { pod, namespace, settings }: Question,
): Promise<{ readonly world: World; readonly unknown: readonly string[] }> {
  const candidate = readCandidate(pod, settings.takeOverCsiVolumes);
  const { annotations, volumes } = candidate;
  const accounts: Collection = { api: 'v1', plural: 'serviceaccounts', namespace };
  const [account, nodes, version, ...classes] = await Promise.all([
    cluster.get<object>(accounts, pod.spec.serviceAccountName || 'default'),
    readNodes(cluster),
    readServerVersion(cluster),
    ...classNames(annotations, volumes).map((name) => readClass(cluster, namespace, name)),
  ]);
  const found = await namesFound(cluster, namespace, secretsToServe(candidate, settings));
  const external = await readExternal(cluster, namespace, [...externalNames(candidate), ...found]);
  const objects = [
    ...external.map(({ answer, kind }) => typed(answer, `${EXTERNAL}/v1`, kind)),
    typed(account, 'v1', 'ServiceAccount'),
    ...classes.map((one) => typed(one, `${CLASSES}/v1`, 'SecretProviderClass')),
  ];
  const known = objectIn(nodes) ?? [];
  const region = known.find((node) => node.region !== undefined)?.region;
  const world = worldOf(objects.flat(), settings, {
    namespace,
    source: 'cluster',
    complete: unknownIn([account, ...classes, ...external.map(({ answer }) => answer)]).length === 0,
    ...(region !== undefined && { region }),
    ...(version && { kubernetes: `${version.major}.${version.minor}` }),
  });
  const { envFiles } = world;
  return {
    world: { ...world, envFiles: envFiles && { ...envFiles, everyNode: everyNodeDelivers(known) } },
    unknown: unknownIn([account, nodes, ...classes, ...external.map(({ answer }) => answer)]),
  };
}

/** Drivers before 1.0 have the second version only. */
function readClass(cluster: Cluster, namespace: string, name: string): Promise<Answer<object>> {
  return readVersions(cluster, [`${CLASSES}/v1`, `${CLASSES}/v1alpha1`], 'secretproviderclasses', { namespace, name });
}

type Named = { readonly namespace?: string; readonly name: string };

/** Reads an object by the first of the versions, or else by the second. */
async function readVersions(
  cluster: Cluster,
  [first, second]: readonly [string, string],
  plural: string,
  { name, ...scope }: Named,
): Promise<Answer<object>> {
  const answer = await cluster.get<object>({ api: first, plural, ...scope }, name);
  return answer.kind === 'absent' ? cluster.get({ api: second, plural, ...scope }, name) : answer;
}

/** Returns the names of the ExternalSecrets that make these Secrets; none if the user may not list them. */
async function namesFound(cluster: Cluster, namespace: string, secretNames: readonly string[]): Promise<string[]> {
  if (secretNames.length === 0) return [];
  const list = (version: string) =>
    cluster.list<{ readonly metadata: Metadata; readonly spec?: unknown }>({
      api: `${EXTERNAL}/${version}`,
      plural: 'externalsecrets',
      namespace,
    });
  const first = await list('v1');
  const objects = objectIn(first.kind === 'absent' ? await list('v1beta1') : first) ?? [];
  return objects.flatMap(({ metadata: { name = '' }, spec }) =>
    secretNames.includes(secretNameOf(name, spec)) ? [name] : [],
  );
}

type ExternalAnswer = { readonly kind: string; readonly answer: Answer<object> };

/** Reads the ExternalSecrets of these names, and the stores that they name. */
async function readExternal(
  cluster: Cluster,
  namespace: string,
  names: readonly string[],
): Promise<readonly ExternalAnswer[]> {
  const read = async (kind: string, named: Named): Promise<ExternalAnswer> => {
    const versions = [`${EXTERNAL}/v1`, `${EXTERNAL}/v1beta1`] as const;
    return { kind, answer: await readVersions(cluster, versions, `${kind.toLowerCase()}s`, named) };
  };
  const secrets = await Promise.all(names.map((name) => read('ExternalSecret', { namespace, name })));
  const refs = secrets.flatMap(({ answer }) => {
    const value = objectIn(answer);
    return value && 'spec' in value ? storesOf(value.spec) : [];
  });
  const stores = await Promise.all(
    refs.map(({ kind, name }) => read(kind, kind === 'ClusterSecretStore' ? { name } : { namespace, name })),
  );
  return [...secrets, ...stores];
}

function typed(answer: Answer<object>, apiVersion: string, kind: string): KubernetesObject<object>[] {
  const value = objectIn(answer);
  return value === undefined ? [] : foundIn({ apiVersion, kind, ...value }).objects;
}

/** Returns everything that an object of the cluster holds. */
export function foundIn(value: object): Found<object> {
  const found: Found<object> = { objects: [], templates: [], described: [] };
  findInValue(value, {}, found);
  return found;
}

/**
 * Returns our annotations on the objects that made the pod, where no pod gets them. An owner whose kind has another plural than the
 * usual one, or that the user may not read, is left out.
 */
async function misplacedAbove(cluster: Cluster, { ownerReferences = [] }: Metadata): Promise<Misplaced[]> {
  const misplaced: Misplaced[] = [];
  let [owner] = ownerReferences;
  for (let level = 0; level < MOST_OWNERS && owner !== undefined; level += 1) {
    const { apiVersion, kind, name } = owner;
    if (kind === 'Node') break;
    const collection = collectionOf(owner, cluster.namespace);
    const object = objectIn(await cluster.get<{ readonly metadata: Metadata }>(collection, name));
    if (object === undefined) break;
    const { described } = foundIn({ apiVersion, kind, ...object });
    // A Deployment copies its annotations to its ReplicaSets.
    if (kind !== 'ReplicaSet') misplaced.push(...described.flatMap(misplacedIn));
    [owner] = object.metadata.ownerReferences ?? [];
  }
  return misplaced;
}
