/** Makes the warnings about an injected pod: what its author should know, and what is no reason to refuse it. */
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { warnOfLookalikes } from '../declare/lookalikes.ts';
import type { Container, Pod } from '../pod/pod.ts';
import { warnOfBackups } from './backup.ts';
import { limitedFiles, unreadable } from './container/user.ts';
import { warnOfOptional } from './environment/made-secrets.ts';
import { importedLoaders } from './environment/synced.ts';
import { expandedNames } from './environment/synced-uses.ts';
import { warnOfSecrets } from './environment/unsynced.ts';
import { warnOfOwnVariables } from './environment/variables.ts';
import type { Layout, Plan } from './layout.ts';
import { takenOverVolumes } from './mounts.ts';
import { otherContainers } from './position.ts';
import { warnOfRotation } from './rotation.ts';
import { warnOfUnknown } from './unknown-containers.ts';

/**
 * Returns the warnings about an injected pod. `before` is the pod as it came, whose containers still import whole
 * Secrets.
 */
export function makeWarnings(before: Pod, pod: Pod, plan: Plan, layout: Layout): string[] {
  const { chosen, others } = layout;
  const { declaration, unsynced } = plan;
  const secretNames = [...declaration.synced, ...unsynced].map(({ secretName }) => secretName);
  return [
    ...warnOfLookalikes(before.metadata.annotations),
    ...(declaration.warnings ?? []),
    ...warnOfUnknown(pod, declaration.containers),
    ...chosen.flatMap((container) => warnOfOwnVariables(container, declaration)),
    ...(declaration.delivery === 'shell' ? chosen.flatMap((container) => unexpanded(container, plan)) : []),
    ...warnOfSecrets(pod, others, secretNames),
    ...(declaration.synced.length > 0 ? otherContainers(before).flatMap((container) => loaders(container, plan)) : []),
    ...unreadableFiles(pod, plan, layout),
    ...warnOfBackups(pod, layout.filled),
    ...warnOfOptional(pod, declaration),
    ...warnOfRotation(pod, plan, layout),
  ];
}

/**
 * Warns of variables that the author of the class chose, and not of the pod: the pod imports every key that the class
 * has.
 */
function loaders(container: Container, { declaration, envFiles }: Plan): string[] {
  const isReplaced = envFiles.server || declaration.delivery === 'shell';
  const names = isReplaced ? importedLoaders(container, declaration) : [];
  return names.map(
    (name) =>
      `container "${echo(container.name)}": envFrom sets ${name}, which decides which code programs load; give it a prefix`,
  );
}

/** Warns of files in volumes that were taken over. They are not refused, as the CSI driver takes such modes too. */
function unreadableFiles(pod: Pod, { config }: Plan, { filled, user, others }: Layout): string[] {
  const takenOver = takenOverVolumes(filled);
  const limited = limitedFiles(config);
  if (takenOver.length === 0 || limited.length === 0) return [];
  const files = Map.groupBy(limited, ({ directory }) => directory);
  const readers = readersByVolume(others);
  return takenOver.flatMap(({ name, directory }) =>
    unreadable(pod, readers.get(name) ?? [], files.get(directory) ?? [], user).map(
      ({ path, mode }) => `volume "${echo(name)}": nothing says that the app may read "${echo(path)}", of mode ${mode}`,
    ),
  );
}

/** Returns the containers that mount a volume, by the name of the volume. */
function readersByVolume(containers: readonly Container[]): ReadonlyMap<string, readonly Container[]> {
  const mounts = containers.flatMap((container) =>
    (container.volumeMounts ?? []).map(({ name }) => ({ name, container })),
  );
  return new Map(
    [...Map.groupBy(mounts, ({ name }) => name)].map(([name, list]) => [name, list.map((one) => one.container)]),
  );
}

/**
 * Warns of `$(NAME)` in a container that starts through the shell: the kubelet expands it before the shell knows the
 * value.
 */
function unexpanded(container: Container, { declaration }: Plan): string[] {
  const used = expandedNames(container);
  const found = declaration.variables.filter(({ name }) => used.has(name));
  const list = found.map(({ name }) => `$(${name})`).join(', ');
  return found.length === 0
    ? []
    : [`${PREFIX}env-delivery: shell leaves ${list} in "${echo(container.name)}" as it is`];
}
