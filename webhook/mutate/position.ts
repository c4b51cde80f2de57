/** Where the init container stands among the others; kept when other webhooks add theirs. */
import type { Declaration } from '../declare/declaration.ts';
import { CONTAINER } from '../names.ts';
import type { Container, Pod } from '../pod.ts';

/** Puts the container into its place. Answers with a warning where that is not possible yet. */
export function placeContainer(pod: Pod, container: Container, position: Declaration['position']): string[] {
  const others = (pod.spec.initContainers ?? []).filter(({ name }) => name !== CONTAINER);
  const after = position.kind === 'after' ? others.findIndex(({ name }) => name === position.name) : -1;
  const last = position.kind === 'last' || (position.kind === 'after' && after === -1);
  others.splice(last ? others.length : after + 1, 0, container);
  pod.spec.initContainers = others;
  // Another webhook may still add it: then we are called again.
  if (position.kind !== 'after' || after !== -1) return [];
  return [`aws-secrets-injector.dev/position: no init container "${position.name}" yet; the injected one goes last`];
}
