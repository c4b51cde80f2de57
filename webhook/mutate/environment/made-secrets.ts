/** Finds references of a pod to Kubernetes Secrets that the pod makes itself, which may come too early. */
import { PREFIX } from '../../declare/annotations.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { echo } from '../../declare/echo.ts';
import { type Refusal, refusal } from '../../errors.ts';
import type { Container, Pod } from '../../pod/pod.ts';
import { otherContainers } from '../position.ts';
import { secretsOf } from './unsynced.ts';

type Made = Pick<Declaration, 'secrets'>;

/**
 * Returns a refusal for each volume and each earlier init container that needs a Secret which the pod makes. The kubelet mounts
 * volumes before it starts the first container, so that such a pod would wait for itself.
 */
export function refuseEarlyUses(pod: Pod, { secrets = [] }: Made, earlier: readonly Container[]): Refusal[] {
  if (secrets.length === 0) return [];
  const names = new Set(secrets.map(({ name }) => name));
  const volumes = (pod.spec.volumes ?? []).flatMap((volume) => {
    const found = secretsOf(volume, { required: true }).find((name) => typeof name === 'string' && names.has(name));
    return found === undefined ? [] : [refuseVolume(volume.name, String(found))];
  });
  const early = earlier.flatMap((container) => {
    const found = referencesOf(container).find(({ name, optional }) => names.has(name) && !optional);
    return found === undefined ? [] : [refuseEarly(container.name, found.name)];
  });
  return [...volumes, ...early];
}

/** Returns a warning for each container that may start without a Secret which the pod makes, as its reference is optional. */
export function warnOfOptional(pod: Pod, { secrets = [] }: Made): string[] {
  if (secrets.length === 0) return [];
  const names = new Set(secrets.map(({ name }) => name));
  return otherContainers(pod).flatMap((container) => {
    const found = referencesOf(container).find(({ name, optional }) => names.has(name) && optional);
    return found === undefined
      ? []
      : [
          `container "${echo(container.name)}" may start before the kubelet sees the Secret "${echo(found.name)}": remove optional: true`,
        ];
  });
}

type Reference = { readonly name: string; readonly optional: boolean };

function referencesOf({ env, envFrom }: Container): Reference[] {
  const all = [
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...(envFrom ?? []).map((one) => one.secretRef),
  ];
  return all.flatMap((one) => (one?.name ? [{ name: one.name, optional: one.optional === true }] : []));
}

function refuseVolume(volume: string, secret: string): Refusal {
  return refusal(
    'ASI_ADMIT_SYNC',
    `Volume "${echo(volume)}" needs the Secret "${echo(secret)}" before a container of the pod can make it: mount the files of the ` +
      `SecretProviderClass instead, or let another pod make the Secret and set ${PREFIX}sync: "false" here.`,
  );
}

function refuseEarly(container: string, secret: string): Refusal {
  return refusal(
    'ASI_ADMIT_SYNC',
    `Init container "${echo(container)}" needs the Secret "${echo(secret)}" and runs before the injected container that makes it: ` +
      `choose another ${PREFIX}position.`,
  );
}
