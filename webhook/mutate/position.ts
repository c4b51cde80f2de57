/** Where our containers stand among the init containers; kept when other webhooks add theirs. */
import type { Declaration } from '../declare/declaration.ts';
import { CONTAINER, SENTINEL_CONTAINER } from '../pod/names.ts';
import type { Container, Pod } from '../pod/pod.ts';

const OURS = [CONTAINER, SENTINEL_CONTAINER];

type Position = Declaration['position'];

/** All containers of the pod but ours. Ephemeral ones come later, and get nothing. */
export function otherContainers({ spec }: Pod): Container[] {
  return othersIn([...(spec.initContainers ?? []), ...spec.containers]);
}

/**
 * The init containers that run before ours: what these write is not there for them. None where ours is to stand behind one
 * that is not there: who adds it later may put it in front, and then the others must have got what is theirs.
 */
export function earlierContainers(pod: Pod, position: Position): Container[] {
  const others = othersIn(pod.spec.initContainers ?? []);
  if (position.kind === 'first') return [];
  if (position.kind === 'last') return others;
  return others.slice(0, others.findIndex(({ name }) => name === position.name) + 1);
}

/** Puts our containers into their place. Answers with a warning where that is not possible yet. */
export function setContainers(pod: Pod, containers: readonly Container[], position: Position): string[] {
  const earlier = earlierContainers(pod, position);
  const others = othersIn(pod.spec.initContainers ?? []);
  pod.spec.initContainers = [...earlier, ...containers, ...others.slice(earlier.length)];
  // Another webhook may still add it: then we are called again.
  if (position.kind !== 'after' || others.some(({ name }) => name === position.name)) return [];
  return [`aws-secrets-injector.dev/position: no init container "${position.name}" yet; the injected one goes first`];
}

function othersIn(containers: readonly Container[]): Container[] {
  return containers.filter(({ name }) => !OURS.includes(name));
}
