/** Which pods declare secrets and run without the container that fetches them, as far as their metadata tells. */
import { declares, hasSources, PREFIX } from '../declare/annotations.ts';

export type PodMetadata = {
  readonly annotations?: Readonly<Record<string, string>>;
  /** A mirror pod is owned by its Node. */
  readonly ownerReferences?: readonly { readonly kind: string }[];
  readonly deletionTimestamp?: unknown;
};

/** As the chart's ValidatingAdmissionPolicy has it; a status that was copied with a pod's manifest hides the pod. */
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
  /** Called once for each pod that is found. */
  readonly onFound: (pod: Subject) => void;
};

export type Findings = ReturnType<typeof createFindings>;

/** What was found; nothing is told before the exempt namespaces are known. */
export function createFindings({ onCount, onFound }: Listener) {
  const told = new Set<string>();
  let found: Map<string, Subject> | undefined;
  let exempt: Set<string> | undefined;
  let count = 0;

  const isCounted = ({ namespace }: Subject): boolean => exempt !== undefined && !exempt.has(namespace);

  const tell = (subject: Subject): void => {
    if (told.has(subject.uid)) return;
    told.add(subject.uid);
    onFound(subject);
  };

  const look = (): void => {
    if (!found || !exempt) return;
    const uninjected = [...found.values()].filter(isCounted);
    count = uninjected.length;
    onCount(count);
    for (const subject of uninjected) tell(subject);
  };

  const recount = (subject: Subject, by: 1 | -1): void => {
    if (!isCounted(subject)) return;
    count += by;
    onCount(count);
    if (by === 1) tell(subject);
  };

  return {
    /** All uninjected pods, afresh. */
    pods(subjects: readonly Subject[]): void {
      found = new Map(subjects.map((subject) => [keyOf(subject), subject]));
      const uids = new Set(subjects.map(({ uid }) => uid));
      for (const uid of told) if (!uids.has(uid)) told.delete(uid);
      look();
    },
    /** Looks at no other: there may be as many as the cluster has pods, and each change of a pod comes here. */
    pod(subject: Subject, isFound: boolean): void {
      const key = keyOf(subject);
      const known = found?.get(key);
      if (!found || known?.uid === (isFound ? subject.uid : undefined)) return;
      if (known) {
        told.delete(known.uid);
        found.delete(key);
        recount(known, -1);
      }
      if (isFound) {
        found.set(key, subject);
        recount(subject, 1);
      }
    },
    /** All exempt namespaces, afresh. */
    exemptNamespaces(names: readonly string[]): void {
      exempt = new Set(names);
      look();
    },
    namespace(name: string, isExempted: boolean): void {
      if (exempt?.has(name) === isExempted) return;
      if (isExempted) exempt?.add(name);
      else exempt?.delete(name);
      look();
    },
  };
}

function keyOf({ namespace, name }: Subject): string {
  return `${namespace}/${name}`;
}
