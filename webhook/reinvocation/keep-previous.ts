/**
 * Keeps what the previous injection fetched for volumes that were taken over. After that injection they are ordinary
 * volumes, and no annotation says what belongs into them: only the configuration of the injected container does.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ConfigObject, InjectorConfig } from '../../injector/contract/config.ts';
import { decodeConfig, encodeConfig } from '../../injector/contract/encode.ts';
import { sourceKey } from '../../injector/contract/source.ts';
import type { MadeSecret } from '../../injector/contract/sync-schema.ts';
import { syncedPath } from '../../injector/contract/synced.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { parseBoolean } from '../declare/values.ts';
import { type Refusal, refusal } from '../errors.ts';
import { identityIn } from '../mutate/container/config.ts';
import { volumeDirectory } from '../pod/names.ts';
import type { Pod } from '../pod/pod.ts';
import { hasOutputs, keepOutputs, type Previous } from './previous.ts';

/**
 * Returns the declaration with the objects that the previous injection took over, and with its identity unless an
 * annotation sets one. Volumes and Secrets that the pod declares now are left as they are declared.
 */
export function keepPrevious(pod: Pod, declaration: Declaration, previous: Previous | undefined): Declaration {
  if (!previous || previous.takenOver.length === 0) return declaration;
  const { config, takenOver } = previous;
  const synced = declaration.synced.flatMap(({ secretName, keys }) =>
    keys.map(({ key }) => syncedPath(secretName, key)),
  );
  const declared = new Set([...synced, ...declaration.volumes.map(volumeDirectory)]);
  const region = config.region === declaration.region ? {} : { region: config.region };
  const added = takenOver.map((object) =>
    keepOutputs({ ...region, ...object }, ({ directory, path = '' }) => !declared.has(directory ?? path)),
  );
  const hasIdentity = pod.metadata.annotations?.[`${PREFIX}use-pod-identity`] !== undefined;
  const objects = merge(declaration.objects, added);
  const secrets = [...(declaration.secrets ?? []), ...keptSecrets(pod, declaration, config, objects)];
  return {
    ...declaration,
    objects,
    ...(secrets.length > 0 && { secrets }),
    ...(!hasIdentity && { identity: identityIn(config) }),
  };
}

/** Returns the Secrets that the previous injection makes and no class declares now, with the indices of the present objects. */
function keptSecrets(
  { metadata }: Pod,
  declaration: Declaration,
  { sync, objects, region }: InjectorConfig,
  present: readonly ConfigObject[],
): MadeSecret[] {
  const answer = parseBoolean(metadata.annotations?.[`${PREFIX}sync`] ?? 'true');
  if (answer.ok && !answer.value) return [];
  const declared = new Set(declaration.secrets?.map(({ name }) => name));
  const keyOf = (object: ConfigObject, own: string) => sourceKey({ ...object, region: object.region ?? own });
  const indices = new Map(present.map((object, index) => [keyOf(object, declaration.region), index]));
  return (sync?.secrets ?? []).flatMap((secret) => {
    if (declared.has(secret.name)) return [];
    const data = secret.data.flatMap(({ object, ...key }) => {
      const source = objects[object];
      const index = source && indices.get(keyOf(source, region));
      return index === undefined ? [] : [{ ...key, object: index }];
    });
    return data.length === secret.data.length ? [{ ...secret, data }] : [];
  });
}

/**
 * Returns the refusal of a pod that was injected in another region, as a restored or copied one may be, if only the
 * previous injection knows what it fetches. `ownRegion` is the region of the cluster, if it is known.
 */
export function refuseMoved(previous: Previous | undefined, ownRegion: string | undefined): Refusal[] {
  if (!previous || previous.takenOver.length === 0 || ownRegion === undefined) return [];
  const { region, aws } = previous.config;
  const home = aws?.region ?? region;
  if (home === ownRegion) return [];
  return [
    refusal(
      'ASI_ADMIT_MOVED',
      `The pod is a copy of one that was injected in ${echo(home)}, and it is created in ${ownRegion}: the copy does not name the ` +
        'SecretProviderClasses of its CSI volumes any more. Create it from its manifest or by its controller, which name them.',
    ),
  ];
}

/**
 * Returns the configuration of the previous injection itself if `config` means the same, at most in another order: the
 * objects that {@link keepPrevious} adds come last, wherever they were before. Else returns `config`.
 */
export function keepConfig(config: InjectorConfig, previous: Previous | undefined): InjectorConfig {
  if (!previous) return config;
  const encoded = encodeConfig(config);
  if (encoded === previous.text) return previous.config;
  // Decoded as the previous one was: with all defaults.
  const wanted = decodeConfig(encoded);
  const [before, after] = [withoutReaders(previous.config), withoutReaders(wanted)];
  const isSame =
    isDeepStrictEqual(before, after) ||
    (previous.takenOver.length > 0 && isDeepStrictEqual(canonical(before), canonical(after)));
  return isSame ? previous.config : config;
}

/** Returns the configuration without what is only there for messages: a container that came later changes nothing else. */
function withoutReaders(config: InjectorConfig): InjectorConfig {
  const objects = config.objects.map(({ environment, ...object }) => ({
    ...object,
    ...(environment && { environment: environment.map(({ readers: _, ...entry }) => entry) }),
  }));
  return { ...config, objects };
}

/** Adds outputs to the objects of the same source. Each object keeps its index, by which templates refer to it. */
function merge(objects: readonly ConfigObject[], added: readonly ConfigObject[]): ConfigObject[] {
  const merged = new Map(objects.map((object) => [sourceKey(object), object]));
  for (const [key, more] of Map.groupBy(added.filter(hasOutputs), sourceKey)) {
    const object = merged.get(key);
    const [first, ...others] = object ? [object, ...more] : more;
    if (first) merged.set(key, others.length > 0 ? joined(first, others) : first);
  }
  return [...merged.values()];
}

/** Returns the first object with the files and variables of the others, which have no other outputs. */
function joined(first: ConfigObject, others: readonly ConfigObject[]): ConfigObject {
  const all = [first, ...others];
  const files = all.flatMap((one) => one.files ?? []);
  const environment = all.flatMap((one) => one.environment ?? []);
  return {
    ...first,
    ...(files.length > 0 && { files }),
    ...(environment.length > 0 && { environment }),
  };
}

/**
 * Returns a value that is equal for configurations which differ only in the order of their objects and of their
 * outputs.
 */
function canonical({ objects, templates = [], templateVariables = [], sync, ...rest }: InjectorConfig): unknown {
  const sources = objects.map(sourceKey);
  const outputs = (list: readonly unknown[] = []) => list.map((output) => JSON.stringify(output)).sort();
  return JSON.parse(
    JSON.stringify({
      ...rest,
      sync: sync && {
        ...sync,
        secrets: sync.secrets.map(({ data, ...secret }) => ({
          ...secret,
          data: data.map((key) => ({ ...key, object: sources[key.object] })),
        })),
      },
      objects: objects
        .map((object, index) => [
          sources[index],
          ...[object.files, object.folders, object.variables, object.expansions, object.environment, object.shell].map(
            outputs,
          ),
        ])
        .sort(),
      templates: [...templates, ...templateVariables].map(({ parts, ...template }) => ({
        ...template,
        parts: parts.map((part) => (typeof part === 'string' ? part : { ...part, object: sources[part.object] })),
      })),
    }),
  );
}
