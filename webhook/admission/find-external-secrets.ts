/** Finds the ExternalSecrets that a pod without the annotation is served from, where the chart value takeOverExternalSecrets is all. */
import { ownAnnotations } from '../declare/annotations.ts';
import { makesNothing, secretNameOf, secretsIn, storesOf } from '../external-secrets/references.ts';
import { isOfAws } from '../external-secrets/store.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { Candidate } from './candidate.ts';
import { type Externals, keyOf, readExternals } from './external-secrets.ts';
import type { ExternalFacts } from './facts.ts';

/**
 * Returns the names of the Secrets for which ExternalSecrets are to be found: those of the pod's variables and volumes; none if the
 * chart does not say `all`, or the pod names its ExternalSecrets itself, or is switched off.
 */
export function secretsToServe(
  { pod, annotations, inject }: Candidate,
  { takeOverExternalSecrets }: AdmissionSettings,
): readonly string[] {
  if (takeOverExternalSecrets !== 'all' || inject === false) return [];
  return ownAnnotations(annotations).has('external-secret') ? [] : secretsIn(pod);
}

/**
 * Returns the names of the ExternalSecrets that make these Secrets. One that reads from another provider than AWS, or makes no
 * Secret, is left to the operator, and so is its Secret.
 */
export async function findExternalSecrets(
  namespace: string,
  secretNames: readonly string[],
  facts: ExternalFacts,
): Promise<readonly string[]> {
  const names = await facts.externalSecretsFor(namespace, secretNames);
  if (names.length === 0) return [];
  const externals = await readExternals(namespace, names, facts, false);
  const secretOf = (name: string) => secretNameOf(name, externals.secrets.get(name)?.spec);
  const served = new Set(names.filter((name) => isServed(name, externals)).map(secretOf));
  // If another provider's ExternalSecret makes the same Secret, both are named, so that the pod is refused for it.
  return names.filter((name) => served.has(secretOf(name)) && !makesNothing(externals.secrets.get(name)?.spec));
}

function isServed(name: string, { secrets, stores }: Externals): boolean {
  const secret = secrets.get(name);
  if (secret === undefined || makesNothing(secret.spec)) return false;
  // A spec that can not be read is refused later, with the reason.
  if (secret.isTooLong) return true;
  const refs = storesOf(secret.spec);
  return refs.length > 0 && refs.every(({ kind, name: store }) => isOfAws(stores.get(keyOf(kind, store))?.spec));
}
