/** The pod's own volumes that are filled in the CSI driver's place, as their containers see them. */
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { type Refusal, refusal } from '../errors.ts';
import { ENVIRONMENT_VOLUME, SECRETS_VOLUME } from '../pod/names.ts';
import type { Container } from '../pod/pod.ts';
import type { Filled } from './container/size.ts';

/** Of all that are filled, the volumes that the pod had before. */
export function takenOver(filled: readonly Filled[]): Filled[] {
  return filled.filter(({ name }) => name !== SECRETS_VOLUME && name !== ENVIRONMENT_VOLUME);
}

/** The driver mounts for everyone read-only, whatever a container asks for. */
export function makeReadOnly(containers: readonly Container[], filled: readonly Filled[]): void {
  const names = new Set(takenOver(filled).map(({ name }) => name));
  if (names.size === 0) return;
  for (const container of containers) {
    const { volumeMounts } = container;
    if (!volumeMounts?.some(({ name }) => names.has(name))) continue;
    container.volumeMounts = volumeMounts.map((mount) =>
      names.has(mount.name) ? { ...mount, readOnly: true } : mount,
    );
  }
}

/** The driver's files are there before any container; ours are not before ours. */
export function earlyReaders(earlier: readonly Container[], filled: readonly Filled[]): Refusal[] {
  const names = new Set(takenOver(filled).map(({ name }) => name));
  return earlier.flatMap((container) => {
    const mount = container.volumeMounts?.find(({ name }) => names.has(name));
    if (!mount) return [];
    return refusal(
      'ASI_ADMIT_RUNS_BEFORE',
      `Init container "${echo(container.name)}" mounts the volume "${echo(mount.name)}", and runs before the injected container that fills it: ` +
        `choose another ${PREFIX}position.`,
    );
  });
}
