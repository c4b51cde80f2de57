/**
 * Puts our containers among the init containers where the annotation `position` says, also after others have added
 * theirs.
 */
import type { Declaration } from '../declare/declaration.ts';
import { CONTAINER, SENTINEL_CONTAINER } from '../pod/names.ts';
import type { Container, Pod } from '../pod/pod.ts';

type Position = Declaration['position'];

/**
 * Returns all containers of the pod except ours. Ephemeral containers are not among them: they are added to a running
 * pod.
 */
export function otherContainers({ spec }: Pod): Container[] {
  return [...othersIn(spec.initContainers ?? []), ...othersIn(spec.containers)];
}

/**
 * Returns the init containers that run before ours, and so without the files and variables that ours writes. The list
 * is empty if ours must follow a container that the pod does not have: our container goes first until another webhook
 * adds that one.
 */
export function earlierContainers(pod: Pod, position: Position): Container[] {
  const others = othersIn(pod.spec.initContainers ?? []);
  if (position.kind === 'first') return [];
  if (position.kind === 'last') return others;
  return others.slice(0, others.findIndex(({ name }) => name === position.name) + 1);
}

/** Puts our containers at their position. Returns a warning if the container that they must follow is not there yet. */
export function setContainers(pod: Pod, containers: readonly Container[], position: Position): string[] {
  const earlier = earlierContainers(pod, position);
  const others = othersIn(pod.spec.initContainers ?? []);
  pod.spec.initContainers = [...earlier, ...containers, ...others.slice(earlier.length)];
  // Another webhook may still add it, and the API server then calls this one again.
  if (position.kind !== 'after' || others.some(({ name }) => name === position.name)) return [];
  return [`aws-secrets-injector.dev/position: no init container "${position.name}" yet; the injected one goes first`];
}

function othersIn(containers: readonly Container[]): Container[] {
  return containers.filter(({ name }) => name !== CONTAINER && name !== SENTINEL_CONTAINER);
}
