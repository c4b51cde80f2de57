/** References to the Secrets of classes that nothing stands in for: the CSI driver would have made them. */
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { Refusal } from '../errors.ts';
import type { Container, Pod } from '../pod.ts';
import type { Plan } from './plan.ts';
import { othersOf } from './position.ts';
import { syncedSecrets } from './synced.ts';

/** What is left to a Secret that only the CSI driver would have made, and that must be there by other means. */
export function leftToSecrets(pod: Pod, left: readonly Container[], secretNames: readonly string[]): string[] {
  const names = new Set(secretNames);
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

/**
 * Containers that would start without a value of a class: a reference that is optional does not hold them. `pod` is the one
 * whose other references are ours already.
 */
export function startingWithout(pod: Pod, plan: Plan, earlier: readonly Container[]): Refusal[] {
  const synced = syncedSecrets(plan.declaration);
  const certificates = new Set(plan.unsynced.filter(isCertificate).map(({ secretName }) => secretName));
  const isMissed = (name: string, key?: string) =>
    certificates.has(name) || (key === undefined ? synced.has(name) : (synced.get(name)?.has(key) ?? false));
  return othersOf(pod).flatMap((container) => {
    const references = [
      ...(container.env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef),
      ...(container.envFrom ?? []).map(({ secretRef }) => secretRef && { ...secretRef, key: undefined }),
    ];
    const missed = references.find((one) => one?.optional === true && isMissed(one.name ?? '', one.key));
    if (!missed) return [];
    const reason = certificates.has(missed.name ?? '') ? CERTIFICATE : reasonOf(plan, earlier.includes(container));
    const message =
      `Container "${echo(container.name)}" would start without the Secret "${echo(missed.name ?? '')}", which the injector does not ` +
      `make, as its reference is optional: ${reason}, or make the Secret by other means and take optional off.`;
    return new Refusal('ASI_ADMIT_OPTIONAL_SECRET', message);
  });
}

const CERTIFICATE = 'nothing stands in for one of type kubernetes.io/tls; take the reference out';

function reasonOf({ envFiles }: Plan, isEarly: boolean): string {
  if (envFiles.server) {
    const which = isEarly
      ? 'it runs before the injected container'
      : 'its value is not known to the injected container';
    return `${which}; choose another ${PREFIX}position`;
  }
  return (
    `the API server is ${envFiles.serverVersion}, and values take its place from Kubernetes 1.35 on; ` +
    `upgrade the cluster, or use ${PREFIX}env with env-delivery shell or file`
  );
}

/** Left to others, as the driver rewrites its PEM. */
function isCertificate({ type }: Plan['unsynced'][number]): boolean {
  return type.trim() === 'kubernetes.io/tls';
}
