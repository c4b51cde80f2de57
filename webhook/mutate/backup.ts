/**
 * Keeps secrets out of backups. Velero copies the files of volumes in memory, too, into its object store.
 * https://velero.io/docs/main/file-system-backup
 */
import { echo } from '../declare/echo.ts';
import { memoizeByObject } from '../declare/memoize.ts';
import type { Pod } from '../pod/pod.ts';
import type { FilledVolume } from './container/size.ts';

/** The annotation that names volumes which Velero leaves out, if it copies all others. */
const EXCLUDED = 'backup.velero.io/backup-volumes-excludes';

/** The annotation that names the volumes which Velero copies, if it copies no others. It does not look at {@link EXCLUDED} then. */
const INCLUDED = 'backup.velero.io/backup-volumes';

/**
 * Returns the annotation that adds the filled volumes to those that Velero leaves out, or no annotation if it names them already. What
 * it names stays as it is.
 */
export function exclusionFromBackups({ metadata }: Pod, filled: readonly FilledVolume[]): Exclusion {
  const present = metadata.annotations?.[EXCLUDED];
  if (!present) return exclusionOfAll(filled);
  const names = namesIn(present);
  const missing = filled.map(({ name }) => name).filter((name) => !names.has(name));
  return missing.length === 0 ? {} : { [EXCLUDED]: [present, ...missing].join(',') };
}

type Exclusion = Readonly<Record<string, string>>;

const exclusionOfAll = memoizeByObject(
  (filled: readonly FilledVolume[]): Exclusion =>
    filled.length === 0 ? {} : { [EXCLUDED]: filled.map(({ name }) => name).join(',') },
);

/** Returns a warning for each filled volume that the pod tells Velero to copy. Only its author can take it out. */
export function warnOfBackups({ metadata }: Pod, filled: readonly FilledVolume[]): string[] {
  const included = metadata.annotations?.[INCLUDED];
  if (included === undefined) return [];
  const names = namesIn(included);
  return filled
    .filter(({ name }) => names.has(name))
    .map(({ name }) => `${INCLUDED}: Velero would copy the secrets in volume "${echo(name)}"; take it out of the list`);
}

/** Velero splits the text at commas and removes no blanks. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split(','));
}
