/**
 * Counts uninjected pods: those that declare secrets and run without the injected container, as their metadata says.
 */
import { declares, hasSources, PREFIX } from '../declare/annotations.ts';

export type PodMetadata = {
  readonly annotations?: Readonly<Record<string, string>>;
  /** A mirror pod is owned by its Node. */
  readonly ownerReferences?: readonly { readonly kind: string }[];
  readonly deletionTimestamp?: unknown;
};

/**
 * Returns whether a pod is uninjected, by the same rule as the ValidatingAdmissionPolicy of the chart. A pod whose
 * annotation `status` was copied from an injected one is not found.
 */
export function isUninjected({ annotations = {}, ownerReferences = [], deletionTimestamp }: PodMetadata): boolean {
  const isMirror =
    annotations['kubernetes.io/config.mirror'] !== undefined && ownerReferences.some(({ kind }) => kind === 'Node');
  return (
    hasSources(annotations) &&
    declares(annotations) &&
    annotations[`${PREFIX}status`] === undefined &&
    !isMirror &&
    !deletionTimestamp
  );
}

export type Subject = { readonly name: string; readonly namespace: string; readonly uid: string };

export type Listener = {
  readonly onCount: (count: number) => void;
  /** This is called once for each uninjected pod. */
  readonly onFound: (pod: Subject) => void;
};

/**
 * Returns a register of uninjected pods. It remembers them, the exempt namespaces and which pods it has reported. It
 * reports nothing before both lists are known.
 */
export function createFindings({ onCount, onFound }: Listener) {
  const reported = new Set<string>();
  let found: Map<string, Subject> | undefined;
  let exempt: Set<string> | undefined;
  let count = 0;

  const isCounted = ({ namespace }: Subject): boolean => exempt !== undefined && !exempt.has(namespace);

  const report = (subject: Subject): void => {
    if (reported.has(subject.uid)) return;
    reported.add(subject.uid);
    onFound(subject);
  };

  const recountAll = (): void => {
    if (!found || !exempt) return;
    const uninjected = [...found.values()].filter(isCounted);
    count = uninjected.length;
    onCount(count);
    for (const subject of uninjected) report(subject);
  };

  const recount = (subject: Subject, by: 1 | -1): void => {
    if (!isCounted(subject)) return;
    count += by;
    onCount(count);
    if (by === 1) report(subject);
  };

  return {
    /** Replaces all uninjected pods. */
    pods(subjects: readonly Subject[]): void {
      found = new Map(subjects.map((subject) => [keyOf(subject), subject]));
      const uids = new Set(subjects.map(({ uid }) => uid));
      for (const uid of reported) if (!uids.has(uid)) reported.delete(uid);
      recountAll();
    },
    /**
     * Adds or removes one pod, without a look at the others: this is called for each change of each pod of the cluster.
     */
    pod(subject: Subject, isFound: boolean): void {
      const key = keyOf(subject);
      const known = found?.get(key);
      if (!found || known?.uid === (isFound ? subject.uid : undefined)) return;
      if (known) {
        reported.delete(known.uid);
        found.delete(key);
        recount(known, -1);
      }
      if (isFound) {
        found.set(key, subject);
        recount(subject, 1);
      }
    },
    /** Replaces all exempt namespaces. */
    exemptNamespaces(names: readonly string[]): void {
      exempt = new Set(names);
      recountAll();
    },
    /** Adds or removes one exempt namespace. */
    namespace(name: string, isExempted: boolean): void {
      if (exempt?.has(name) === isExempted) return;
      if (isExempted) exempt?.add(name);
      else exempt?.delete(name);
      recountAll();
    },
  };
}

function keyOf({ namespace, name }: Subject): string {
  return `${namespace}/${name}`;
}
