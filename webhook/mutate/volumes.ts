/**
 * Makes and compares the injector's volumes: those in memory for secrets and variables, and the projected token for
 * AWS.
 */
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import {
  AUDIENCE,
  CA_FILE,
  KUBERNETES_CA_FILE,
  KUBERNETES_TOKEN_FILE,
  TOKEN_FILE,
} from '../../injector/contract/names.ts';
import { echo } from '../declare/echo.ts';
import { memoizeByObject } from '../declare/memoize.ts';
import { type Refusal, refusal } from '../errors.ts';
import { VOLUMES } from '../pod/names.ts';
import type { Pod, Volume } from '../pod/pod.ts';
import { share } from '../pod/shared.ts';
import { bytes } from './container/quantity.ts';
import { type FilledVolume, filledVolumes } from './container/size.ts';
import { otherContainers } from './position.ts';

/**
 * The token expires after so many seconds, as the one of EKS does. The kubelet renews it at 80 % of that time for as
 * long as the pod runs: with 600 seconds, the least that Kubernetes takes, each pod would cost the API server a request
 * every 8 minutes.
 * https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#launch-a-pod-using-service-account-token-projection
 */
const TOKEN_SECONDS = 86_400;

/** The audiences that STS and the EKS Pod Identity agent take. A ServiceAccount may name another one for STS. */
const AUDIENCES = { 'web-identity': AUDIENCE, 'pod-identity': 'pods.eks.amazonaws.com' } as const;

const DEFAULT_AUDIENCES: readonly unknown[] = Object.values(AUDIENCES);

/** The token's file in its volume. */
const TOKEN_PATH = basename(TOKEN_FILE);

const MEMORY_VOLUMES: ReadonlySet<string> = new Set([
  VOLUMES.secrets,
  VOLUMES.files,
  VOLUMES.environment,
  VOLUMES.state,
]);

/**
 * Returns the volumes that the pod needs: one in memory for each that is filled, the token for the identity, and the CA
 * bundle if it is in a ConfigMap.
 */
export const makeVolumes = memoizeByObject((config: InjectorConfig): readonly Volume[] => {
  const { identity, aws } = config;
  const token = {
    audience: audienceIn(config) ?? AUDIENCES[identity.kind],
    expirationSeconds: TOKEN_SECONDS,
    path: TOKEN_PATH,
  };
  const volumes: Volume[] = [
    ...filledVolumes(config).map((one) => ({
      name: one.name,
      emptyDir: { medium: 'Memory', sizeLimit: bytes(one.bytes) },
    })),
    { name: VOLUMES.token, projected: { sources: [{ serviceAccountToken: token }] } },
    ...(aws?.caBundleConfigMap ? [makeCaVolume(aws.caBundleConfigMap)] : []),
    ...(config.sync ? [makeKubernetesVolume()] : []),
  ];
  return volumes.map(share);
});

/** The token for the API server expires after so many seconds, about as the one that Kubernetes mounts into containers. */
const API_TOKEN_SECONDS = 3600;

/** The ConfigMap with the certificate authority of the API server, which Kubernetes keeps in every namespace. */
const ROOT_CA = { name: 'kube-root-ca.crt', key: 'ca.crt' };

/**
 * Returns the volume with a token of the pod's ServiceAccount for the API server, and the authority that it trusts. The API server
 * mounts its own token into the containers before any webhook adds one, and not at all if the ServiceAccount forbids it.
 */
function makeKubernetesVolume(): Volume {
  const token = { expirationSeconds: API_TOKEN_SECONDS, path: basename(KUBERNETES_TOKEN_FILE) };
  const ca = { name: ROOT_CA.name, items: [{ key: ROOT_CA.key, path: basename(KUBERNETES_CA_FILE) }] };
  return { name: VOLUMES.kubernetes, projected: { sources: [{ serviceAccountToken: token }, { configMap: ca }] } };
}

/** Returns the volume of the ConfigMap. The kubelet starts no container of the pod before the ConfigMap has the key. */
function makeCaVolume({ name, key }: NonNullable<NonNullable<InjectorConfig['aws']>['caBundleConfigMap']>): Volume {
  return { name: VOLUMES.ca, configMap: { name, items: [{ key, path: basename(CA_FILE) }] } };
}

/**
 * Puts the volumes into the pod: each replaces the one of its name, which is ours or taken over, or else goes to the
 * end. One that the pod has already stays, with the defaults that the API server adds. With `replacing`, volumes of
 * another injection that nothing needs any more are taken out.
 */
export function setVolumes(pod: Pod, volumes: readonly Volume[], replacing: boolean): void {
  const wanted = new Map(volumes.map((volume) => [volume.name, volume]));
  const leftOver = replacing ? leftOverNames(pod, wanted) : NONE;
  const list: Volume[] = [];
  for (const present of pod.spec.volumes ?? []) {
    const made = wanted.get(present.name);
    if (!leftOver.has(present.name)) list.push(made && !isSame(present, made) ? made : present);
    wanted.delete(present.name);
  }
  pod.spec.volumes = [...list, ...wanted.values()];
}

const NONE: ReadonlySet<string> = new Set();

function isSame(present: Volume, made: Volume): boolean {
  return isDeepStrictEqual(withoutDefaults(present), made);
}

function withoutDefaults(volume: Volume): unknown {
  for (const kind of ['projected', 'configMap'] as const) {
    const source = volume[kind] as Record<string, unknown> | undefined;
    if (source?.['defaultMode'] !== 0o644) continue;
    const { defaultMode: _, ...rest } = source;
    return { ...volume, [kind]: rest };
  }
  return volume;
}

/**
 * Returns a refusal for each volume that has the name of one of ours, or of one that was taken over, but is another
 * kind of volume. It is somebody's own, and must never be mounted as ours. The configurations of this injection and of
 * the previous one say which audience a token may have beside those that AWS takes.
 */
export function refuseVolumes(
  pod: Pod,
  configs: readonly (InjectorConfig | undefined)[],
  takenOver: readonly FilledVolume[] = [],
): Refusal[] {
  const taken = takenOver.length === 0 ? NONE : new Set(takenOver.map(({ name }) => name));
  const isOurs = (volume: Volume) => {
    if (volume.name === VOLUMES.token) return isAudience(tokenIn(volume).audience, configs);
    if (volume.name === VOLUMES.ca) return volume['configMap'] != null;
    if (volume.name === VOLUMES.kubernetes) return volume['projected'] != null;
    return isMemory(volume) || !(MEMORY_VOLUMES.has(volume.name) || taken.has(volume.name));
  };
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    if (isOurs(volume)) return [];
    return refusal(
      'ASI_ADMIT_NAME_TAKEN',
      `The pod has a volume "${echo(volume.name)}" of its own, a name that the injector needs: rename the volume.`,
    );
  });
}

function isAudience(audience: unknown, configs: readonly (InjectorConfig | undefined)[]): boolean {
  const isInConfig = audience !== undefined && configs.some((config) => audienceIn(config) === audience);
  return isInConfig || DEFAULT_AUDIENCES.includes(audience);
}

function audienceIn(config: InjectorConfig | undefined): string | undefined {
  return config?.identity.kind === 'web-identity' ? config.identity.audience : undefined;
}

/** Returns whether the pod has a volume of each name that the injected container mounts. */
export function hasVolumes(pod: Pod, filled: readonly FilledVolume[], { aws, sync }: InjectorConfig): boolean {
  const names = new Set(pod.spec.volumes?.map(({ name }) => name));
  const ca = aws?.caBundleConfigMap ? [VOLUMES.ca] : [];
  const kubernetes = sync ? [VOLUMES.kubernetes] : [];
  return [...filled.map(({ name }) => name), VOLUMES.token, ...ca, ...kubernetes].every((name) => names.has(name));
}

/** Returns whether the volume is an emptyDir in memory. */
export function isMemory({ emptyDir }: Volume): boolean {
  return emptyDir?.medium === 'Memory';
}

/** Returns the names of our volumes that this injection does not need, and no container mounts. */
function leftOverNames(pod: Pod, wanted: ReadonlyMap<string, unknown>): Set<string> {
  const names = new Set<string>(
    [...MEMORY_VOLUMES, VOLUMES.ca, VOLUMES.kubernetes].filter((name) => !wanted.has(name)),
  );
  for (const { volumeMounts } of otherContainers(pod)) for (const { name } of volumeMounts ?? []) names.delete(name);
  return names;
}

type Token = { audience?: unknown; path?: unknown; expirationSeconds?: unknown };

/**
 * Returns whether the volume is the injector's projected token: it has one of the audiences that AWS takes, or it is made
 * as the injector makes it for a ServiceAccount with an audience of its own.
 */
export function isTokenVolume(volume: Volume): boolean {
  if (volume.name !== VOLUMES.token) return false;
  const { audience, path, expirationSeconds } = tokenIn(volume);
  const isMade = typeof audience === 'string' && path === TOKEN_PATH && expirationSeconds === TOKEN_SECONDS;
  return isMade || DEFAULT_AUDIENCES.includes(audience);
}

/** Returns the token that the volume projects and that is all that it holds; else an empty object. */
function tokenIn(volume: Volume): Token {
  const { projected } = volume as { projected?: { sources?: readonly { serviceAccountToken?: Token }[] } };
  const [source, ...others] = projected?.sources ?? [];
  return others.length > 0 ? {} : (source?.serviceAccountToken ?? {});
}
