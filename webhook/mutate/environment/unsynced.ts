/** Finds references to Secrets that the CSI driver would make and that the injector does not replace. */
import { PREFIX } from '../../declare/annotations.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { echo } from '../../declare/echo.ts';
import { SHELL } from '../../declare/sources/delivery.ts';
import { type Refusal, refusal } from '../../errors.ts';
import type { Container, Pod, Volume } from '../../pod/pod.ts';
import type { Plan } from '../layout.ts';
import { otherContainers } from '../position.ts';
import { secretsIn } from './synced.ts';
import { syncedSecrets, syncedUses } from './synced-uses.ts';

/**
 * Returns a warning for each of the Secrets that the containers or the pod's volumes still refer to. Only the CSI
 * driver would make them, so that they must exist by other means.
 */
export function warnOfSecrets(pod: Pod, containers: readonly Container[], secretNames: readonly string[]): string[] {
  if (secretNames.length === 0) return [];
  const names = new Set(secretNames);
  const found = new Map<string, string>();
  const note = (name: unknown, who: string) => {
    if (typeof name === 'string' && names.has(name) && !found.has(name)) found.set(name, who);
  };
  for (const { name, env, envFrom } of containers) {
    for (const { valueFrom } of env ?? []) note(valueFrom?.secretKeyRef?.name, `container "${echo(name)}"`);
    for (const { secretRef } of envFrom ?? []) note(secretRef?.name, `container "${echo(name)}"`);
  }
  for (const volume of pod.spec.volumes ?? []) {
    for (const secretName of secretsOf(volume)) note(secretName, `volume "${echo(volume.name)}"`);
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) note(name, 'imagePullSecrets');
  return [...found].map(
    ([name, who]) => `${who} still needs the Secret "${echo(name)}", which the injector does not make`,
  );
}

type Named = { readonly name?: unknown; readonly optional?: unknown } | null;

/** The members by which the kinds of volumes name a Secret. */
type SecretUser = {
  readonly secretName?: unknown;
  readonly optional?: unknown;
  readonly secretRef?: Named;
  readonly nodePublishSecretRef?: Named;
  readonly sources?: readonly { readonly secret?: Named }[] | null;
} | null;

/**
 * Returns the names of the Secrets that a volume reads, of whatever kind it is: secret, projected, csi, azureFile and others. With
 * `required`, those are left out without which the kubelet mounts the volume too.
 */
export function secretsOf({ name: _, ...kinds }: Volume, { required = false } = {}): unknown[] {
  const isWanted = (one: { readonly optional?: unknown } | null | undefined) => !(required && one?.optional === true);
  return Object.values(kinds).flatMap((kind) => {
    const user = (kind ?? {}) as NonNullable<SecretUser>;
    return [
      isWanted(user) ? user.secretName : undefined,
      user.secretRef?.name,
      user.nodePublishSecretRef?.name,
      ...(user.sources ?? []).map(({ secret }) => (isWanted(secret) ? secret?.name : undefined)),
    ];
  });
}

/** The keys of a Secret. */
type Keys = { has(key: string): boolean; keys(): Iterable<string> };

/** A refusal names so many keys of a Secret. */
const KEYS_SHOWN = 10;

/**
 * Returns a refusal for each container with a reference to a key that its Secret does not get from the class. The driver
 * would make the Secret without that key, and the container would never start. If several classes make the Secret, its
 * keys are not known.
 */
export function refuseUnknownKeys(
  pod: Pod,
  { declaration, unsynced }: Pick<Plan, 'declaration' | 'unsynced'>,
): Refusal[] {
  const { secrets = [] } = declaration;
  const declared = syncedSecrets(declaration);
  if (declared.size + secrets.length === 0) return [];
  const made = secrets.map(({ name, data }) => [name, new Set(data.map(({ key }) => key))] as const);
  const synced = new Map<string, Keys>([...declared, ...made]);
  const makers = Map.groupBy(unsynced, ({ secretName }) => secretName.trim());
  return otherContainers(pod).flatMap(({ name, env }) => {
    for (const { name: variable, valueFrom } of env ?? []) {
      const { name: named, key = '', optional } = valueFrom?.secretKeyRef ?? {};
      const secretName = named ?? '';
      const keys = synced.get(secretName);
      if (!keys || keys.has(key) || optional || (makers.get(secretName)?.length ?? 0) > 1) continue;
      const known = [...keys.keys()].slice(0, KEYS_SHOWN).join(', ');
      const message =
        `Container "${echo(name)}" sets ${echo(variable)} from the key "${echo(key)}" of the Secret "${echo(secretName)}", ` +
        `and the SecretProviderClass gives that Secret only ${echo(known)}: use one of these keys.`;
      return refusal('ASI_ADMIT_UNKNOWN_KEY', message);
    }
    return [];
  });
}

export type MissingSecrets = {
  /** The keys of synced Secrets, by the names of the Secrets. */
  readonly keys: ReadonlyMap<string, { has(key: string): boolean }>;
  /** The names of Secrets of type kubernetes.io/tls, whose references are never replaced. */
  readonly certificates?: ReadonlySet<string>;
  /** Returns why the reference of a container is not replaced, and what the user can do. */
  readonly reasonFor: (container: Container) => string;
};

/**
 * Returns a refusal for each container that would start without a value, as its reference to a missing Secret is
 * optional. All references that can be replaced must be replaced in the pod already.
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
      'or make the Secret by other means and remove optional: true.';
    return refusal('ASI_ADMIT_OPTIONAL_SECRET', message);
  });
}

const CERTIFICATE = 'nothing stands in for one of type kubernetes.io/tls; take the reference out';

const RUNS_BEFORE = `it runs before the injected container; choose another ${PREFIX}position`;

/** The reason for `envFrom` in a container that another webhook added after the first injection. */
const CAME_LATER = 'the container came later, when the keys are not known any more; name them in env';

/**
 * Returns the reasons for a pod of which every reference is replaced, but for those in the `earlier` containers and
 * late ones.
 */
export function reasonByPosition(earlier: readonly Container[]): MissingSecrets['reasonFor'] {
  const early = new Set(earlier);
  return (container) => (early.has(container) ? RUNS_BEFORE : CAME_LATER);
}

/**
 * Returns the Secrets that a container may miss in a pod that declares something. `earlier` containers run before ours.
 */
export function missingSecrets(
  pod: Pod,
  { config, declaration, envFiles, unsynced }: Plan,
  earlier: readonly Container[],
): MissingSecrets {
  const [kept, declared] = [secretsIn(config), syncedSecrets(declaration)];
  return {
    keys: kept.size === 0 ? declared : new Map<string, { has(key: string): boolean }>([...kept, ...declared]),
    certificates: new Set(unsynced.filter(isCertificate).map(({ secretName }) => secretName)),
    reasonFor: envFiles.server ? reasonByPosition(earlier) : reasonByVersion(pod, declaration, envFiles.serverVersion),
  };
}

/** Returns the reasons for a pod on an API server that does not know variables from files. */
function reasonByVersion(pod: Pod, declaration: Declaration, serverVersion: string): MissingSecrets['reasonFor'] {
  const tooOld = `the API server is ${serverVersion}, and values take its place from Kubernetes 1.35 on; upgrade the cluster`;
  if (declaration.delivery === 'shell') return () => tooOld;
  const uses = Map.groupBy(syncedUses(pod, declaration, false), ({ container }) => container);
  return (container) => (uses.get(container)?.every((use) => use.isForShells) ? `${tooOld}, or set ${SHELL}` : tooOld);
}

/**
 * Returns whether the Secret is one of a certificate. The driver rearranges its PEM blocks, which the injector does
 * not.
 */
function isCertificate({ type }: Plan['unsynced'][number]): boolean {
  return type.trim() === 'kubernetes.io/tls';
}
