/** Finds the volumes of a pod that have values of AWS, with their files. */
import type { Operation } from 'fast-json-patch';
import { isMembers } from '../../injector/contract/members.ts';
import { err, ok, type Result } from '../declare/result.ts';
import type { Volume } from '../pod/pod.ts';
import type { Content, FileItem } from './folder.ts';
import { namesIn } from './names.ts';
import { removals } from './patch.ts';
import { type MadeSecret, valueAt } from './secret.ts';
import type { FindSecret } from './variables.ts';

type Members = Readonly<Record<string, unknown>>;

/** A volume that is replaced. */
export type Replaced = Content & { readonly name: string };

export type Volumes = {
  readonly replaced: readonly Replaced[];
  readonly patch: readonly Operation[];
  readonly reasons: readonly string[];
};

/** The mode of the files of a volume that says none. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume */
const MODE = '0644';

/** The keys and indexes on the way from the top of a pod to a part of it. */
type Path = readonly (string | number)[];

/** Holds everything that the reading of a volume needs besides the volume. */
export type VolumeContext = {
  /** Returns the Secret of a name that is to be replaced; undefined for any other. */
  readonly find: FindSecret;
  /** Returns the mode that stands at this path of the pod, in four octal digits. The problem is a whole sentence. */
  readonly readMode: (path: Path, value: unknown) => Result<string>;
  /** The contents of the volumes that are no Secrets and are to be replaced, too, by their names. */
  readonly others: ReadonlyMap<string, Result<Content>>;
};

type Context = VolumeContext & { readonly path: Path };

/** Reads the volumes of a pod. */
export function readVolumes(list: readonly Volume[], context: VolumeContext): Volumes {
  const replaced: Replaced[] = [];
  const taken: number[] = [];
  const reasons: string[] = [];
  for (const [index, volume] of list.entries()) {
    const { name } = volume;
    const read = context.others.get(name) ?? readOne(volume, { ...context, path: ['spec', 'volumes', index] });
    if (read === undefined) continue;
    if (!read.ok) reasons.push(`The volume ${name}: ${read.problem}`);
    else {
      taken.push(index);
      replaced.push({ ...read.value, name });
    }
  }
  return { replaced, patch: removals('/spec/volumes', list.length, taken), reasons };
}

/** Returns the mode of a number, as the API server has it. */
export function modeOfNumber(_path: Path, value: unknown): Result<string> {
  const isMode = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0o777;
  return isMode ? ok(value.toString(8).padStart(4, '0')) : err('It has a mode that is no number from 0 to 511.');
}

/** Returns undefined if the volume has nothing that is to be replaced. A problem is a whole sentence. */
function readOne(volume: Members, context: Context): Result<Content> | undefined {
  const { secret, projected, ...others } = volume;
  if (isMembers(secret)) {
    const mode = modeOf(secret, 'defaultMode', [...context.path, 'secret'], context);
    return readSecret({ ...secret, name: secret['secretName'] }, [...context.path, 'secret'], mode, context);
  }
  if (isMembers(projected)) return readProjected(projected, context);
  const named = namesIn(others).find(({ name }) => context.find(name) !== undefined);
  return named === undefined
    ? undefined
    : err(`It hands the Secret ${named.name} to a driver, which needs the Secret itself.`);
}

/** Reads the Secret of a volume, or of a source of a projected one, which has the same members but for the name. */
function readSecret(source: Members, path: Path, mode: Result<string>, context: Context): Result<Content> | undefined {
  const found = context.find(String(source['name']));
  if (found === undefined) return undefined;
  if (!found.ok) return err(`The Secret ${found.name} can not be replaced: ${found.reason}`);
  if (!mode.ok) return mode;
  const { secret } = found;
  const optional = source['optional'] === true && { optional: true as const };
  const base = { access: [secret.access], annotations: {} };
  if (source['items'] != null) {
    const files = readItems(listOf(source['items']), { secret, path, mode: mode.value, ...optional }, context);
    return files.ok ? ok({ ...base, files: files.value, expanded: [] }) : files;
  }
  if (secret.keys.size > 0 && secret.extracts.length > 0) {
    return err(`The Secret ${secret.name} has keys of several origins, which can not be files of one folder together.`);
  }
  const files = [...secret.keys].map(([key, value]) => ({ path: key, value, mode: mode.value, ...optional }));
  return ok({
    ...base,
    files,
    expanded: secret.extracts.map((extract) => ({ extract, mode: mode.value, ...optional })),
  });
}

type Items = {
  readonly secret: MadeSecret;
  readonly path: Path;
  readonly mode: string;
  readonly optional?: true;
};

/** Returns the files of the keys that `items` names. */
function readItems(
  items: readonly Members[],
  { secret, path, mode, ...optional }: Items,
  context: Context,
): Result<FileItem[]> {
  const files: FileItem[] = [];
  for (const [index, item] of items.entries()) {
    const value = valueAt(secret, String(item['key']));
    const own = item['mode'] == null ? ok(mode) : modeOf(item, 'mode', [...path, 'items', index], context);
    if (!own.ok) return own;
    if (value.ok) files.push({ path: String(item['path']), value: value.value, mode: own.value, ...optional });
    else if (!optional.optional || secret.extracts.length > 0) {
      return err(`The key ${item['key']} of the Secret ${secret.name} ${value.problem}.`);
    }
  }
  return ok(files);
}

function readProjected(projected: Members, context: Context): Result<Content> | undefined {
  const path = [...context.path, 'projected'];
  const sources = listOf(projected['sources']);
  const mode = modeOf(projected, 'defaultMode', path, context);
  const read = sources.map(({ secret }, index) =>
    isMembers(secret) ? readSecret(secret, [...path, 'sources', index, 'secret'], mode, context) : undefined,
  );
  const wrong = read.find((one) => one?.ok === false);
  if (wrong) return wrong;
  const contents = read.flatMap((one) => (one?.ok ? [one.value] : []));
  if (contents.length === 0) return undefined;
  if (contents.length < sources.length) {
    return err('It projects other things besides, and what is injected can not be mounted among them.');
  }
  return ok({
    access: contents.flatMap(({ access }) => access),
    files: contents.flatMap(({ files }) => files),
    expanded: contents.flatMap(({ expanded }) => expanded),
    annotations: {},
  });
}

function modeOf(members: Members, key: string, path: Path, { readMode }: Context): Result<string> {
  return members[key] == null ? ok(MODE) : readMode([...path, key], members[key]);
}

function listOf(value: unknown): Members[] {
  return Array.isArray(value) ? value.filter(isMembers) : [];
}
