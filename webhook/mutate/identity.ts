/** Whose uid the init container has, and so who may read what it writes. */
import type { InjectorConfig } from '../../injector/config.ts';
import { echo } from '../declare/echo.ts';
import { Refusal } from '../errors.ts';
import type { Container, Pod } from '../pod.ts';

/** The uid and gid that distroless images call `nonroot`. */
const NONROOT = 65532;

export type Identity = { readonly runAsUser: number; readonly runAsGroup: number };

type Overrides = { readonly runAsUser?: number; readonly runAsGroup?: number };

/** The app's own uid and gid where all its containers agree on one that is not root's. */
export function identityOf(pod: Pod, overrides: Overrides): Identity {
  const { containers, securityContext } = pod.spec;
  const user = agreed(containers.map((container) => userOf(container, pod)));
  const group = agreed(
    containers.map((container) => container.securityContext?.runAsGroup ?? securityContext?.runAsGroup ?? undefined),
  );
  return {
    runAsUser: overrides.runAsUser ?? (user || NONROOT),
    runAsGroup: overrides.runAsGroup ?? group ?? NONROOT,
  };
}

/** Refuses files that a container which mounts them could not read, for their mode. */
export function unreadable(pod: Pod, readers: readonly Container[], files: readonly File[], me: Identity): Refusal[] {
  const grouped = pod.spec.securityContext?.fsGroup != null;
  const owned = readers.every((container) => userOf(container, pod) === me.runAsUser);
  return files.flatMap(({ path, mode }) => {
    const bits = Number.parseInt(mode, 8);
    if (bits & 0o004 || (owned && bits & 0o400) || (grouped && bits & 0o040)) return [];
    return new Refusal(
      'ASI_ADMIT_UNREADABLE_MODE',
      `File "${echo(path)}" has mode ${mode}, and nothing says that the app may read it: ` +
        'give all containers one non-zero runAsUser, or the pod an fsGroup and the file group-read, or use mode 0644.',
    );
  });
}

type File = { readonly path: string; readonly mode: string };

/** Every file that will be written, the env file too. */
export function filesOf({ objects, envFile }: Pick<InjectorConfig, 'objects' | 'envFile'>): File[] {
  return [...objects.flatMap(({ files = [] }) => files), ...(envFile ? [envFile] : [])];
}

function userOf(container: Container, pod: Pod): number | undefined {
  return container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser ?? undefined;
}

function agreed(ids: readonly (number | undefined)[]): number | undefined {
  const [first, ...others] = new Set(ids);
  return others.length === 0 ? first : undefined;
}
