/**
 * Reads the previous injection: what an earlier call of the webhook left in a pod. The API server calls the webhook a
 * second time if another webhook changed the pod after it (a reinvocation), and a user may create a copy of an injected
 * pod. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
 */

import type { ConfigObject, InjectorConfig } from '../../injector/contract/config.ts';
import { CONFIG_LIMIT, ConfigError, decodeConfig, encodeConfig } from '../../injector/contract/encode.ts';
import { CONFIG_ENV } from '../../injector/contract/names.ts';
import { isSyncedPath } from '../../injector/contract/synced.ts';
import { findSentinel } from '../mutate/environment/sentinel.ts';
import { returnShellVariables, syncedEntry } from '../mutate/environment/synced.ts';
import { pathsIn } from '../mutate/environment/synced-uses.ts';
import { otherContainers } from '../mutate/position.ts';
import { isMemory } from '../mutate/volumes.ts';
import { CONTAINER, volumeDirectory } from '../pod/names.ts';
import type { Container, Pod } from '../pod/pod.ts';

export type Previous = {
  /** The injected container as the pod has it now, with what the API server and others added to it. */
  readonly container: Container;
  /** The sentinel container; absent if the pod has none. */
  readonly sentinel?: Container;
  /** The configuration as the container has it: encoded. */
  readonly text: string;
  readonly config: InjectorConfig;
  /**
   * The objects of `config` that fill volumes which were taken over, or stand in for synced Secrets, with these outputs
   * only. No annotation declares them: nobody but the previous injection knows them.
   */
  readonly takenOver: readonly ConfigObject[];
  /** The pod with the references to synced Secrets that the shells of its containers stand in for. */
  readonly pod: Pod;
};

/**
 * Returns the previous injection of the pod. Undefined means that there is none: no init container has our name and a
 * configuration that can be read.
 */
export function readPrevious(pod: Pod): Previous | undefined {
  const container = pod.spec.initContainers?.find(({ name }) => name === CONTAINER);
  const text = container?.env?.find(({ name }) => name === CONFIG_ENV)?.value;
  if (!container || text == null || text.length > CONFIG_LIMIT) return undefined;
  const config = readConfig(text);
  if (config === undefined) return undefined;
  const sentinel = findSentinel(pod);
  const returned = returnShellVariables(pod, config);
  const takenOver = takenOverIn(returned, config);
  return { container, ...(sentinel && { sentinel }), text, config, takenOver, pod: returned };
}

/**
 * Returns the configuration as the previous container has it, so that the same one does not change the pod. A text with
 * a `$` was not written by us, and the kubelet would expand `$(NAME)` in it: then the configuration is encoded again.
 */
export function previousText({ text, config }: Previous): string {
  return text.includes('$') ? encodeConfig(config) : text;
}

function readConfig(text: string): InjectorConfig | undefined {
  try {
    return decodeConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** A pod may claim anything, so that only outputs count whose volume is there, or whose file a variable refers to. */
function takenOverIn(pod: Pod, { objects }: InjectorConfig): ConfigObject[] {
  const directories = new Set((pod.spec.volumes ?? []).filter(isMemory).map(({ name }) => volumeDirectory(name)));
  const variables = otherContainers(pod).flatMap(({ env }) => env ?? []);
  const paths = new Set(variables.flatMap(({ valueFrom }) => pathsIn(valueFrom)).filter(isSyncedPath));
  const kept = objects.map((object) =>
    keepOutputs(object, ({ directory, path = '' }) =>
      directory === undefined ? paths.has(path) : directories.has(directory),
    ),
  );
  return kept.filter(hasOutputs);
}

/** A file has the directory of the volume that was taken over, if any; the file of a variable has only a path. */
type Output = { readonly directory?: string | undefined; readonly path?: string };

/** Returns whether the object fills a volume that was taken over, or stands in for a Secret. */
export function hasOutputs({ files, environment }: ConfigObject): boolean {
  return files !== undefined || environment !== undefined;
}

/**
 * Returns the object with the wanted outputs and no others. Files without a directory are left out too, as they are in
 * the volume for what the annotations declare, and so are folders, which no SecretProviderClass can declare. The files
 * of variables include what the shell of a container sets: who sets each is decided anew.
 */
export function keepOutputs(object: ConfigObject, isWanted: (output: Output) => boolean): ConfigObject {
  const { files = [], environment = [] } = object;
  const wantedFiles = files.filter((file) => file.directory !== undefined && isWanted(file));
  const entries = new Map(
    [...environment, ...(object.shell?.map(syncedEntry) ?? [])].map((entry) => [entry.path, entry]),
  );
  const wantedEntries = [...entries.values()].filter((entry) => isWanted(entry));
  return {
    ...sourceOf(object),
    ...(wantedFiles.length > 0 && { files: wantedFiles }),
    ...(wantedEntries.length > 0 && { environment: wantedEntries }),
  };
}

type FetchedFrom = Omit<ConfigObject, 'files' | 'folders' | 'variables' | 'expansions' | 'environment' | 'shell'>;

/** Returns what the object is fetched from, without its outputs. */
function sourceOf(object: ConfigObject): FetchedFrom {
  const { files: _f, folders: _o, variables: _v, expansions: _x, environment: _e, shell: _s, ...source } = object;
  return source;
}
