/** Chooses the containers that get the mounts and the variables. */
import type { Declaration } from '../declare/declaration.ts';
import type { Container, Pod } from '../pod/pod.ts';
import { platformHelpers } from './environment/platform-helpers.ts';
import { earlierContainers, otherContainers } from './position.ts';

/**
 * Returns the containers that the annotation `containers` names, else all, among those that run after the injected one.
 * Without that annotation, `env-delivery: shell` leaves out the sidecars of platforms.
 */
export function receiversOf(pod: Pod, { delivery, containers, position }: Declaration): Container[] {
  const early = new Set(earlierContainers(pod, position));
  const names = containers && new Set(containers);
  const isHelper = delivery === 'shell' ? platformHelpers(pod) : () => false;
  return otherContainers(pod).filter((one) => !early.has(one) && (names ? names.has(one.name) : !isHelper(one)));
}
