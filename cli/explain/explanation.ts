/** Explains a pod: what it declares, what becomes of it, and why nothing became of it. */
import { oneLine } from '../../injector/contract/text.ts';
import { ANNOTATIONS } from '../../webhook/declare/annotation-table.ts';
import { ownAnnotations, SOURCES, WRITTEN } from '../../webhook/declare/annotations.ts';
import type { Refusal } from '../../webhook/errors.ts';
import type { Pod } from '../../webhook/pod/pod.ts';
import type { Previous } from '../../webhook/reinvocation/previous.ts';
import type { Misplaced } from '../../webhook/workload/misplaced.ts';
import type { Examined } from '../admission/examine.ts';
import { type Answer, unknownIn } from '../cluster/cluster.ts';
import type { ClusterEvent, LivePod } from '../cluster/objects.ts';
import { type Access, accessOf } from './access.ts';
import { type Condition, conditionsOf, decisionCondition, misplacedConditions, type Passage } from './conditions.ts';
import { type Result, resultsOf } from './results.ts';
import { type ContainerState, type EventLine, eventLines, isInitialized, isInjected, statesOf } from './state.ts';

export type Explanation = {
  /** The kind, the namespace and the name of the object. */
  readonly object: string;
  /**
   * `injected`: the pod has our container. `failed`: that, and it does not start. `would-be-injected` and `refused`: the answer of the
   * webhook to a pod that is not in the cluster. `not-injected`: nothing is done for the pod.
   */
  readonly outcome: 'injected' | 'failed' | 'would-be-injected' | 'refused' | 'not-injected';
  /** A sentence for people. */
  readonly summary: string;
  /** The annotations under our prefix. Those that say what to fetch have no value here: `results` has their references. */
  readonly declared: readonly { readonly annotation: string; readonly value?: string }[];
  readonly results: readonly Result[];
  readonly access?: Access;
  /** Why nothing was injected. */
  readonly conditions: readonly Condition[];
  /** The reasons why the webhook refuses the pod. */
  readonly refusals: readonly Pick<Refusal, 'code' | 'message'>[];
  readonly warnings: readonly string[];
  readonly containers: readonly ContainerState[];
  readonly events: readonly EventLine[];
  /** Sentences, each about something that could not be known. */
  readonly unknown: readonly string[];
};

/** Is what the cluster says of a pod. The last four are read for a pod that was not injected. */
export type Live = {
  readonly pod: LivePod;
  readonly read: Pod;
  /** The injection of the pod; undefined if it has none. */
  readonly previous?: Previous;
  readonly events: Answer<readonly ClusterEvent[]>;
  readonly passage?: Passage;
  readonly examined?: Examined;
  readonly misplaced: readonly Misplaced[];
  readonly unknown: readonly string[];
};

type Head = Pick<Explanation, 'object' | 'outcome' | 'summary' | 'declared'>;

/** Returns an explanation whose lists are empty where nothing is said. */
function explanation(head: Head, more: Partial<Explanation> = {}): Explanation {
  const { object, outcome, summary, declared } = head;
  const nothing = { results: [], conditions: [], refusals: [], warnings: [], containers: [], events: [], unknown: [] };
  return { object, outcome, summary, declared, ...nothing, ...more };
}

/**
 * Explains a pod template by the webhook's answer to its pod. `asked` has the conditions for the API server to ask the webhook; a
 * template of a file has none.
 */
export function explainTemplate(
  object: string,
  examined: Examined,
  misplaced: readonly Misplaced[],
  asked: readonly Condition[] = [],
): Explanation {
  if (!examined.ok) {
    const summary = `This is no pod that the API server takes: ${examined.problem}.`;
    return explanation({ object, outcome: 'refused', summary, declared: [] });
  }
  const { pod, namespace, answer, injection, refusals } = examined;
  const declared = declaredBy(pod);
  const notAsked = asked.flatMap(({ result, why }) => (result === 'unknown' ? [why] : []));
  const base = { warnings: answer.review.response.warnings ?? [], unknown: [...examined.unknown, ...notAsked] };
  if (asked.some(({ result }) => result === 'fails')) {
    const conditions = [...misplacedConditions(misplaced), ...asked];
    const summary = notInjected(conditions);
    return explanation({ object, outcome: 'not-injected', summary, declared }, { ...base, conditions });
  }
  if (injection) {
    return explanation(
      { object, outcome: 'would-be-injected', summary: 'The webhook would inject the pod.', declared },
      {
        ...base,
        results: resultsOf(injection.pod, injection.config),
        access: accessOf(injection.config, accountOf(pod, namespace)),
      },
    );
  }
  if (answer.outcome === 'denied') {
    const summary = 'The webhook would refuse the pod.';
    return explanation(
      { object, outcome: 'refused', summary, declared },
      { ...base, refusals: refusals.map(withoutKind) },
    );
  }
  const conditions = [...misplacedConditions(misplaced), decisionCondition(answer)];
  const summary = notInjected(conditions);
  return explanation({ object, outcome: 'not-injected', summary, declared }, { ...base, conditions });
}

/** Explains a pod of the cluster: by its own configuration if it was injected, else by everything that had to be asked. */
export function explainPod(object: string, live: Live): Explanation {
  const { pod, read, previous, events, unknown } = live;
  const declared = declaredBy(read);
  const containers = statesOf(pod);
  const base = {
    containers,
    events: events.kind === 'found' ? eventLines(events.value) : [],
    unknown: [...unknown, ...unknownIn([events])],
  };
  if (!previous) return explainUninjected({ object, declared }, live, base);
  const own = containers.filter(isInjected);
  const outcome = own.some(({ state }) => state === 'failed') ? 'failed' : 'injected';
  return explanation(
    { object, outcome, summary: progressOf(own, isInitialized(pod)), declared },
    {
      ...base,
      results: resultsOf(read, previous.config),
      access: accessOf(previous.config, accountOf(read, pod.metadata.namespace ?? '')),
    },
  );
}

function explainUninjected(
  head: Pick<Head, 'object' | 'declared'>,
  { examined, passage, misplaced }: Live,
  base: Pick<Explanation, 'containers' | 'events' | 'unknown'>,
): Explanation {
  const known = examined?.ok ? examined : undefined;
  const conditions = [
    ...misplacedConditions(misplaced),
    ...(passage && known ? conditionsOf(passage, known.answer) : []),
  ];
  return explanation(
    { ...head, outcome: 'not-injected', summary: notInjected(conditions) },
    {
      ...base,
      conditions,
      refusals: (known?.refusals ?? []).map(withoutKind),
      warnings: known?.answer.review.response.warnings ?? [],
      unknown: [...base.unknown, ...(known?.unknown ?? [])],
    },
  );
}

/** Returns whether something has to be done: a pod declares what it does not get. */
export function isFinding({ outcome, conditions, declared }: Explanation): boolean {
  if (outcome === 'failed' || outcome === 'refused') return true;
  const isMisplaced = conditions.some(({ name }) => name === 'annotations-reach-the-pod');
  return outcome === 'not-injected' && (declared.length > 0 || isMisplaced);
}

/** Returns the annotations of the pod. The id of role chaining and the texts of declarations are not repeated. */
function declaredBy({ metadata }: Pod): Explanation['declared'] {
  const own = [...ownAnnotations(metadata.annotations ?? {})].filter(
    ([name]) => !(WRITTEN as readonly string[]).includes(name),
  );
  return own.map(([name, value]) => {
    const isShown =
      Object.hasOwn(ANNOTATIONS, name) &&
      name !== 'external-id' &&
      (name === 'secret-provider-class' || !(SOURCES as readonly string[]).includes(name));
    return { annotation: oneLine(name, 100), ...(isShown && { value: oneLine(value, 100) }) };
  });
}

function accountOf({ spec }: Pod, namespace: string): string {
  return `${namespace}/${spec.serviceAccountName || 'default'}`;
}

function withoutKind({ code, message }: Refusal): Pick<Refusal, 'code' | 'message'> {
  return { code, message };
}

function notInjected(conditions: readonly Condition[]): string {
  const failing = conditions.find(({ result }) => result === 'fails') ?? conditions.at(-1);
  return `Nothing was injected. ${failing?.why ?? ''}`.trim();
}

/** Says how far the injected containers came. */
function progressOf(states: readonly ContainerState[], isThrough: boolean): string {
  const failed = states.find(({ state }) => state === 'failed');
  const [own] = states;
  if (failed) {
    const code = failed.exitCode === undefined ? '' : ` with exit code ${failed.exitCode}`;
    const again = failed.restarts > 0 ? `, and the kubelet started it again ${times(failed.restarts)}` : '';
    return `The pod was injected. Its container ${failed.name} failed${code}${again}.`;
  }
  if (own?.state === 'succeeded') return 'The pod was injected, and its secrets were fetched.';
  if (own?.state === 'running') {
    return `The pod was injected, and its injected container ${isThrough ? 'has fetched its secrets and watches them' : 'runs'}.`;
  }
  if (own?.reason) return `The pod was injected. Its container ${own.name} waits: ${own.reason}.`;
  return 'The pod was injected, and its injected container has not started yet.';
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
