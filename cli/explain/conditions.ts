/** Finds the conditions that let a pod pass without an injection: who had to ask the webhook, and what the webhook decided. */
import { oneLine } from '../../injector/contract/text.ts';
import type { Answer as Decision } from '../../webhook/admission/admit.ts';
import { describeSkip, EXEMPT, type SkipReason } from '../../webhook/admission/skip.ts';
import { isOurs, PREFIX } from '../../webhook/declare/annotations.ts';
import { MISPLACED, type Misplaced } from '../../webhook/workload/misplaced.ts';
import type { Answer } from '../cluster/cluster.ts';
import type { LabelSelector, LivePod, Metadata, WebhookConfiguration } from '../cluster/objects.ts';
import { holds } from './cel.ts';
import { unfulfilledIn } from './selector.ts';

/** Is one condition for an injection, in the order in which the API server and the webhook look at them. */
export type Condition = {
  readonly name: string;
  readonly result: 'holds' | 'fails' | 'unknown';
  readonly why: string;
  /** Says what would make the condition hold. */
  readonly fix?: string;
};

function conditionThat(result: Condition['result']) {
  return (name: string, why: string, fix?: string): Condition => ({ name, result, why, ...(fix && { fix }) });
}

const [holding, fails, unknown] = [conditionThat('holds'), conditionThat('fails'), conditionThat('unknown')];

/** Holds everything that the cluster says of a pod without an injection, or of the pod of a template. */
export type Passage = {
  readonly pod: LivePod;
  readonly configuration: Answer<WebhookConfiguration>;
  readonly namespaceLabels: Answer<Readonly<Record<string, string>>>;
};

const DECLARE = `Annotate the pod template, as in ${PREFIX}files: "db-password: shop/db#password". The pod of a volume of the Secrets Store CSI driver may ask for its volumes by ${PREFIX}inject: "true".`;
const SWITCH_ON = `Remove the annotation ${PREFIX}inject from the pod template, or set it to "true".`;
const STATIC = 'Run it by a Deployment or a DaemonSet: what a node starts from its own files can not be changed.';

/** The fix for each condition that the chart gives the webhook's configuration. A test compares the names. */
export const CONDITION_FIXES: Readonly<Record<string, string>> = {
  'asks-for-secrets': DECLARE,
  'not-a-mirror-pod': STATIC,
  'not-turned-off': SWITCH_ON,
};

const SKIP_FIXES: Partial<Record<SkipReason, string>> = {
  'nothing-declared': DECLARE,
  'switched-off': SWITCH_ON,
  'mirror-pod': STATIC,
  'other-provider': `Name a class of the provider aws, or ask for the injection by ${PREFIX}inject: "true".`,
  'exempt-namespace': 'Create the pod in another namespace.',
};

/** Returns the conditions about annotations that pods do not get: each that is given fails. */
export function misplacedConditions(misplaced: readonly Misplaced[]): Condition[] {
  return misplaced.map(({ code, what }) => fails('annotations-reach-the-pod', what, MISPLACED[code].fix));
}

/** Returns the condition about the webhook's own decision. */
export function decisionCondition({ outcome, reason }: Pick<Decision, 'outcome' | 'reason'>): Condition {
  const name = 'webhook-decides-to-inject';
  if (outcome === 'injected') return holding(name, 'The webhook would inject the pod if it were asked now.');
  if (outcome === 'denied' || outcome === 'failed') {
    return unknown(name, 'The webhook would refuse the pod if it were asked now.');
  }
  return fails(name, describeSkip(reason) ?? 'The pod needs no change.', SKIP_FIXES[reason as SkipReason]);
}

/** Returns each condition for the API server to ask the webhook about the pod, and what else must have happened. */
export function conditionsOf(passage: Passage, decision: Pick<Decision, 'outcome' | 'reason'>): Condition[] {
  const { configuration, pod } = passage;
  const before = askedOf(passage);
  if (before.some(({ result }) => result === 'fails')) return before;
  const decided = decisionCondition(decision);
  if (decided.result === 'fails') return [...before, decided];
  return [...before, decided, ...writtenLater(pod.metadata), answered(configuration, pod)];
}

/** Returns each condition for the API server to ask the webhook about the pod. */
export function askedOf(passage: Passage): Condition[] {
  const { configuration } = passage;
  const asked = configuration.kind === 'found' ? askedConditions(configuration.value, passage) : [];
  return [registered(configuration), ...asked];
}

function registered(configuration: Answer<WebhookConfiguration>): Condition {
  const name = 'webhook-is-registered';
  if (configuration.kind === 'unknown') return unknown(name, configuration.why);
  if (configuration.kind === 'found') return holding(name, 'The API server knows the webhook.');
  return fails(
    name,
    'The cluster has no MutatingWebhookConfiguration aws-secrets-injector, so that nobody is asked about pods.',
    'Install the chart, or install it again if somebody removed the configuration; then create the pod anew.',
  );
}

function askedConditions(configuration: WebhookConfiguration, passage: Passage): Condition[] {
  const { pod } = passage;
  const [webhook] = configuration.webhooks ?? [];
  if (!webhook) return [];
  return [
    ...olderThan(configuration.metadata, pod.metadata),
    ...selectsNamespace(webhook.namespaceSelector ?? {}, passage),
    ...unfulfilledIn(webhook.objectSelector ?? {}, pod.metadata.labels ?? {}).map(({ key, requirement }) =>
      fails(
        'object-selector',
        `The webhook is asked about pods whose label ${key} fulfils ${requirement}, and that of this pod does not.`,
        `Change the label ${key} of the pod template.`,
      ),
    ),
    ...(webhook.matchConditions ?? []).map((condition) => matches(condition, pod)),
  ];
}

/** An API server asks a new webhook from a second or so after its configuration was created. A template has no pod yet. */
function olderThan(configuration: Metadata, pod: Metadata): Condition[] {
  const [installed = '', created = ''] = [configuration.creationTimestamp, pod.creationTimestamp];
  const name = 'pod-is-newer-than-the-webhook';
  if (created === '') return [];
  if (created > installed) return [holding(name, 'The pod was created after the webhook was registered.')];
  const why = `The pod was created at ${created}, before the webhook was registered at ${installed}, and pods are only changed when they are created.`;
  return [fails(name, why, recreate(pod))];
}

function selectsNamespace(selector: LabelSelector, passage: Passage): Condition[] {
  const { namespaceLabels, pod } = passage;
  const { namespace = '' } = pod.metadata;
  const name = 'namespace-selector';
  if (namespaceLabels.kind === 'unknown') return [unknown(name, namespaceLabels.why)];
  const labels = namespaceLabels.kind === 'found' ? namespaceLabels.value : {};
  const unfulfilled = unfulfilledIn(selector, { 'kubernetes.io/metadata.name': namespace, ...labels });
  if (unfulfilled.length === 0) return [holding(name, `The namespace ${namespace} is not exempt.`)];
  return unfulfilled.map(({ key, requirement, actual }) =>
    key === EXEMPT
      ? fails(
          name,
          `The namespace ${namespace} has the label ${EXEMPT}: "${actual}".`,
          `kubectl label namespace ${namespace} ${EXEMPT}-`,
        )
      : fails(
          name,
          `The webhook is asked about namespaces whose label ${key} fulfils ${requirement}, and that of ${namespace} does not.`,
          'Create the pod in another namespace.',
        ),
  );
}

function matches(
  { name, expression }: { readonly name: string; readonly expression: string },
  pod: LivePod,
): Condition {
  const result = holds(expression, pod, creatorOf(pod));
  if (result === true) return holding(name, 'The condition of the webhook is true for the pod.');
  const text = oneLine(expression, 300);
  if (result === undefined) return unknown(name, `The condition of the webhook could not be evaluated here: ${text}`);
  return fails(
    name,
    REASONS[name] ?? `The condition of the webhook is false for the pod: ${text}`,
    CONDITION_FIXES[name] ?? 'Change the pod template so that the condition is true.',
  );
}

const REASONS: Readonly<Record<string, string>> = {
  'asks-for-secrets':
    'The pod declares nothing: it has no annotation under aws-secrets-injector.dev/, and no volume that is taken over.',
  'not-a-mirror-pod': 'A node created the pod as the mirror of a static pod.',
  'not-turned-off': `The pod has the annotation ${PREFIX}inject: "false".`,
};

/** Nobody keeps who created a pod. Only of a mirror pod it is known: its node did. */
function creatorOf({ metadata, spec }: LivePod): string {
  const isMirror = metadata.ownerReferences?.some(({ kind }) => kind === 'Node') ?? false;
  return isMirror ? `system:node:${spec.nodeName ?? ''}` : '';
}

/** Returns a condition for each of our annotations that nobody had written when the pod was created. */
function writtenLater({
  annotations = {},
  creationTimestamp = '',
  managedFields = [],
  ...metadata
}: Metadata): Condition[] {
  return Object.keys(annotations)
    .filter(isOurs)
    .flatMap((key) => {
      const writers = managedFields.filter(({ fieldsV1 }) => fieldsV1?.['f:metadata']?.['f:annotations']?.[`f:${key}`]);
      const times = writers.map(({ time = '' }) => time);
      if (times.length === 0 || times.some((time) => time <= creationTimestamp)) return [];
      const why = `The annotation ${oneLine(key, 100)} was written at ${times[0]}, after the pod was created at ${creationTimestamp}.`;
      return [
        fails('declared-at-creation', why, `Annotate the pod template instead of the pod. ${recreate(metadata)}`),
      ];
    });
}

function answered(configuration: Answer<WebhookConfiguration>, { metadata }: LivePod): Condition {
  const name = 'webhook-answered';
  const policy = configuration.kind === 'found' ? configuration.value.webhooks?.[0]?.failurePolicy : undefined;
  return policy === 'Ignore'
    ? fails(
        name,
        'The webhook gave no answer in time, and its failurePolicy is Ignore, so that the API server let the pod pass.',
        `Set the chart value failurePolicy to Fail, so that no pod starts without its secrets. ${recreate(metadata)}`,
      )
    : unknown(
        name,
        'Nothing of today explains it: the webhook, its configuration or the annotations were others when the pod was created.',
        recreate(metadata),
      );
}

function recreate({ name = '', namespace = '', ownerReferences = [] }: Metadata): string {
  const isOwned = ownerReferences.some(({ controller }) => controller);
  return isOwned
    ? `Let its controller create it anew: kubectl delete pod -n ${namespace} ${name}`
    : 'Delete the pod, and create it anew from its manifest.';
}
