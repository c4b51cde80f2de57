/**
 * Keeps secrets out of backups. Velero copies the files of volumes in memory, too, into its object store.
 * https://velero.io/docs/main/file-system-backup
 */
import { echo } from '../declare/echo.ts';
import type { Pod } from '../pod/pod.ts';
import type { FilledVolume } from './container/size.ts';

/** The annotation that names volumes which Velero leaves out, if it copies all others. */
const EXCLUDED = 'backup.velero.io/backup-volumes-excludes';

/** The annotation that names the volumes which Velero copies, if it copies no others. It does not look at {@link EXCLUDED} then. */
const INCLUDED = 'backup.velero.io/backup-volumes';

/** Adds the filled volumes to those that Velero leaves out. What the annotation names already stays as it is. */
export function excludeFromBackups(pod: Pod, filled: readonly FilledVolume[]): void {
  const present = pod.metadata.annotations?.[EXCLUDED] ?? '';
  const names = namesIn(present);
  const missing = filled.map(({ name }) => name).filter((name) => !names.has(name));
  if (missing.length === 0) return;
  const all = [...(present === '' ? [] : [present]), ...missing].join(',');
  pod.metadata.annotations = { ...pod.metadata.annotations, [EXCLUDED]: all };
}

/** Returns a warning for each filled volume that the pod tells Velero to copy. Only its author can take it out. */
export function warnOfBackups({ metadata }: Pod, filled: readonly FilledVolume[]): string[] {
  const names = namesIn(metadata.annotations?.[INCLUDED] ?? '');
  return filled
    .filter(({ name }) => names.has(name))
    .map(({ name }) => `${INCLUDED}: Velero would copy the secrets in volume "${echo(name)}"; take it out of the list`);
}

/** Velero splits the text at commas and removes no blanks. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split(','));
}
