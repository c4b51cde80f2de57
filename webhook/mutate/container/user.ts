/**
 * Chooses the uid and gid of the injected container, and finds the files that the app could not read for their mode.
 */
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { FILES_DIRECTORY } from '../../../injector/contract/names.ts';
import { echo } from '../../declare/echo.ts';
import { memoizeByObject } from '../../declare/memoize.ts';
import { type Refusal, refusal } from '../../errors.ts';
import type { Container, Pod } from '../../pod/pod.ts';

/** The uid and gid that distroless images call `nonroot`. */
const NONROOT = 65532;

export type RunAs = { readonly runAsUser: number; readonly runAsGroup: number };

type Overrides = { readonly runAsUser?: number; readonly runAsGroup?: number };

/**
 * Returns the app's own uid and gid where all its containers agree on one that is not root's. Where another webhook has
 * added a container with a user of its own since, the user of the `previous` injected container stays, if it is the
 * app's.
 */
export function chooseUser(pod: Pod, overrides: Overrides, previous?: Container): RunAs {
  const users = pod.spec.containers.map((container) => uidOf(container, pod));
  const groups = pod.spec.containers.map((container) => gidOf(container, pod));
  const { runAsUser, runAsGroup } = previous?.securityContext ?? {};
  return {
    runAsUser: overrides.runAsUser ?? (agreed(users) || among(users, runAsUser) || NONROOT),
    runAsGroup: overrides.runAsGroup ?? agreed(groups) ?? among(groups, runAsGroup) ?? NONROOT,
  };
}

/** A file that the injector writes, into a volume of its own where it has a directory. */
export type File = { readonly path: string; readonly mode: string; readonly directory?: string | undefined };

/**
 * Returns the files that some of the `readers` could not read, as their mode gives no right to the reader's user or
 * group.
 */
export function unreadable(pod: Pod, readers: readonly Container[], files: readonly File[], me: RunAs): File[] {
  if (files.length === 0) return [];
  const grouped = pod.spec.securityContext?.fsGroup != null;
  const owned = readers.every((container) => uidOf(container, pod) === me.runAsUser);
  return files.filter(({ mode }) => {
    const bits = Number.parseInt(mode, 8);
    return !(bits & FOR_ALL || (owned && bits & 0o400) || (grouped && bits & 0o040));
  });
}

/** The bit of a mode by which everybody may read the file. */
const FOR_ALL = 0o004;

/** Returns the refusal of a pod whose app could not read the file. */
export function refuseUnreadable({ path, mode, directory }: File): Refusal {
  const shown = directory === FILES_DIRECTORY ? `/${path}` : path;
  return refusal(
    'ASI_ADMIT_UNREADABLE_MODE',
    `File "${echo(shown)}" has mode ${mode}, and nothing says that the app may read it: ` +
      'give all containers one non-zero runAsUser, or the pod an fsGroup and the file group-read, or use mode 0644.',
  );
}

/** Returns the files that the injector will write and that not everybody may read, without those of single variables. */
export const limitedFiles = memoizeByObject(
  ({ objects, searches = [], templates = [], envFile }: InjectorConfig): readonly File[] => {
    const files = [
      ...objects.flatMap(({ files = [], folders = [] }) => [...files, ...folders]),
      ...searches.flatMap(({ folders = [] }) => folders),
      ...templates,
      ...(envFile ? [envFile] : []),
    ];
    return files.filter(({ mode }) => !(Number.parseInt(mode, 8) & FOR_ALL));
  },
);

/** Returns the uid that the pod declares for the container; undefined if the image names it. */
export function uidOf(container: Container, pod: Pod): number | undefined {
  return container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? undefined;
}

function gidOf(container: Container, pod: Pod): number | undefined {
  return container.securityContext?.runAsGroup ?? pod.spec.securityContext?.runAsGroup ?? undefined;
}

function agreed([first, ...others]: readonly (number | undefined)[]): number | undefined {
  return others.every((id) => id === first) ? first : undefined;
}

function among(ids: readonly (number | undefined)[], id: number | null | undefined): number | undefined {
  return id != null && ids.includes(id) ? id : undefined;
}
