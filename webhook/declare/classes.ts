/** SecretProviderClasses: which ones a pod names. */
import { ownAnnotations } from './annotations.ts';
import type { CsiVolume } from './provider-class.ts';

/** A DNS subdomain, as Kubernetes names objects. */
const NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The classes that `declare` needs, each once. What can't be the name of one is left out: `declare` refuses it. */
export function classNames(
  annotations: Readonly<Record<string, string>>,
  volumes: readonly CsiVolume[],
): readonly string[] {
  const listed = ownAnnotations(annotations).get('secret-provider-class') ?? '';
  const names = [...listed.split(',').map((name) => name.trim()), ...volumes.map(({ className }) => className)];
  return [...new Set(names)].filter((name) => NAME.test(name));
}
