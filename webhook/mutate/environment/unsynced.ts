/** References to the Secrets of classes that nothing stands in for: the CSI driver would have made them. */
import { PREFIX } from '../../declare/annotations.ts';
import { echo } from '../../declare/echo.ts';
import { type Refusal, refusal } from '../../errors.ts';
import type { Container, Pod } from '../../pod/pod.ts';
import type { Plan } from '../layout.ts';
import { otherContainers } from '../position.ts';
import { secretsIn, syncedSecrets } from './synced.ts';

/** What is left to a Secret that only the CSI driver would have made, and that must be there by other means. */
export function warnOfSecrets(pod: Pod, left: readonly Container[], secretNames: readonly string[]): string[] {
  const names = new Set(secretNames);
  if (names.size === 0) return [];
  const found = new Map<string, string>();
  const note = (name: unknown, who: string) => {
    if (typeof name === 'string' && names.has(name) && !found.has(name)) found.set(name, who);
  };
  for (const { name, env, envFrom } of left) {
    for (const { valueFrom } of env ?? []) note(valueFrom?.secretKeyRef?.name, `container "${echo(name)}"`);
    for (const { secretRef } of envFrom ?? []) note(secretRef?.name, `container "${echo(name)}"`);
  }
  for (const { name, secret, ...volume } of pod.spec.volumes ?? []) {
    note(secret?.secretName, `volume "${echo(name)}"`);
    const { projected } = volume as { projected?: { sources?: readonly { secret?: { name?: unknown } }[] } };
    for (const source of projected?.sources ?? []) note(source.secret?.name, `volume "${echo(name)}"`);
  }
  return [...found].map(
    ([name, who]) => `${who} still needs the Secret "${echo(name)}", which the injector does not make`,
  );
}

export type MissingSecrets = {
  /** Of the Secrets that are a class's, by their names. */
  readonly keys: ReadonlyMap<string, { has(key: string): boolean }>;
  /** Secrets that nothing ever stands in for. */
  readonly certificates?: ReadonlySet<string>;
  /** What is in the way, and the way out. */
  readonly reasonFor: (container: Container) => string;
};

/**
 * Containers that would start without a value of a class: a reference that is optional does not hold them. `pod` is the one
 * whose other references are ours already.
 */
export function refuseOptional(pod: Pod, { keys, certificates, reasonFor }: MissingSecrets): Refusal[] {
  if (keys.size === 0 && !certificates?.size) return [];
  const isMissed = (name: string, key?: string) =>
    certificates?.has(name) || (key === undefined ? keys.has(name) : (keys.get(name)?.has(key) ?? false));
  return otherContainers(pod).flatMap((container) => {
    const references = [
      ...(container.env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef),
      ...(container.envFrom ?? []).map(({ secretRef }) => secretRef && { ...secretRef, key: undefined }),
    ];
    const missed = references.find((one) => one?.optional === true && isMissed(one.name ?? '', one.key));
    if (!missed) return [];
    const name = missed.name ?? '';
    const message =
      `Container "${echo(container.name)}" would start without the Secret "${echo(name)}", which the injector does not ` +
      `make, as its reference is optional: ${certificates?.has(name) ? CERTIFICATE : reasonFor(container)}, ` +
      'or make the Secret by other means and take optional off.';
    return refusal('ASI_ADMIT_OPTIONAL_SECRET', message);
  });
}

const CERTIFICATE = 'nothing stands in for one of type kubernetes.io/tls; take the reference out';

const RUNS_BEFORE = `it runs before the injected container; choose another ${PREFIX}position`;

/** Of `envFrom` in a container that came after the first pass. */
const CAME_LATER = 'the container came later, when the keys are not known any more; name them in env';

export function reasonByPosition(earlier: readonly Container[]): MissingSecrets['reasonFor'] {
  const early = new Set(earlier);
  return (container) => (early.has(container) ? RUNS_BEFORE : CAME_LATER);
}

/** What is in the way of a pod that declares something. */
export function missingSecrets(
  { config, declaration, envFiles, unsynced }: Plan,
  earlier: readonly Container[],
): MissingSecrets {
  const tooOld =
    `the API server is ${envFiles.serverVersion}, and values take its place from Kubernetes 1.35 on; ` +
    `upgrade the cluster, or use ${PREFIX}env with env-delivery shell or file`;
  return {
    keys: new Map<string, { has(key: string): boolean }>([...secretsIn(config), ...syncedSecrets(declaration)]),
    certificates: new Set(unsynced.filter(isCertificate).map(({ secretName }) => secretName)),
    reasonFor: envFiles.server ? reasonByPosition(earlier) : () => tooOld,
  };
}

/** Left to others, as the driver rewrites its PEM. */
function isCertificate({ type }: Plan['unsynced'][number]): boolean {
  return type.trim() === 'kubernetes.io/tls';
}
