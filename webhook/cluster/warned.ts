/** Finds pods that were injected with warnings, by their annotation `status`, so that each of them gets an Event. */
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { PREFIX } from '../declare/annotations.ts';
import { INJECTED_WITH_WARNINGS } from '../pod/names.ts';
import type { Subject } from './uninjected.ts';

/** Older pods get no Event in milliseconds: their authors had one, and a webhook that starts would make thousands anew. */
const NEW_MS = 600_000;

/** A pod and the warnings that it was injected with. */
export type Warned = { readonly subject: Subject; readonly warnings: string };

/** Returns the warnings that a new pod was injected with, or undefined if there are none. `now` is in milliseconds. */
export function warningsOf({ annotations, creationTimestamp }: V1ObjectMeta, now: number): string | undefined {
  const status = annotations?.[`${PREFIX}status`];
  if (!status?.startsWith(INJECTED_WITH_WARNINGS)) return undefined;
  const created = new Date(creationTimestamp ?? 0).getTime();
  if (now - created > NEW_MS) return undefined;
  return status.slice(INJECTED_WITH_WARNINGS.length);
}

/** Returns a register of such pods, which calls `onWarned` once for each. It remembers them for as long as they are listed. */
export function createWarned(onWarned: (pod: Subject, warnings: string) => void) {
  const reported = new Set<string>();
  const report = ({ subject, warnings }: Warned): void => {
    if (reported.has(subject.uid)) return;
    reported.add(subject.uid);
    onWarned(subject, warnings);
  };
  return {
    /** Replaces all pods. */
    pods(all: readonly Warned[]): void {
      const uids = new Set(all.map(({ subject }) => subject.uid));
      for (const uid of reported) if (!uids.has(uid)) reported.delete(uid);
      for (const one of all) report(one);
    },
    /** Adds one pod, or forgets it if it has no warnings any more, or is gone. */
    pod(subject: Subject, warnings: string | undefined): void {
      if (warnings === undefined) reported.delete(subject.uid);
      else report({ subject, warnings });
    },
  };
}
