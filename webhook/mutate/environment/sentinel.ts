/**
 * Makes and finds the sentinel: a second init container for clusters with nodes that may be too old. The kubelet of an
 * old node sets each variable from a file to an empty text and starts the app. The sentinel has one such variable whose
 * value is known, and fails without it.
 */
import { SENTINEL, SENTINEL_OPTION } from '../../../injector/contract/names.ts';
import { SENTINEL_CONTAINER } from '../../pod/names.ts';
import type { Container, Pod } from '../../pod/pod.ts';
import { fileReference } from './variables.ts';

const ARGUMENT = `--${SENTINEL_OPTION}`;

/**
 * Returns the sentinel container. It has the image, the rights and the resources of the injected one, as both never run
 * at the same time.
 */
export function makeSentinel(ours: Container, runtime: NonNullable<Container['env']>): Container {
  const { image, imagePullPolicy, resources, securityContext, terminationMessagePolicy } = ours;
  const fileKeyRef = fileReference(SENTINEL.path, SENTINEL.key, false);
  return {
    name: SENTINEL_CONTAINER,
    image,
    imagePullPolicy,
    args: [ARGUMENT],
    env: [{ name: SENTINEL.key, valueFrom: { fileKeyRef } }, ...runtime],
    resources,
    securityContext,
    terminationMessagePolicy,
  };
}

/** Returns whether the container is a sentinel: it has the name and the argument. */
export function isSentinel({ name, args }: Container): boolean {
  return name === SENTINEL_CONTAINER && (args?.includes(ARGUMENT) ?? false);
}

/** Returns the sentinel of the previous injection, or undefined if the pod has none. */
export function findSentinel({ spec }: Pod): Container | undefined {
  return spec.initContainers?.find(isSentinel);
}
