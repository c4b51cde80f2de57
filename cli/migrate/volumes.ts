/** Finds the volumes of a pod that have values of AWS, with their files. */
import type { Operation } from 'fast-json-patch';
import type { CsiVolume } from '../../webhook/declare/provider-class.ts';
import { err, ok, type Result } from '../../webhook/declare/result.ts';
import { isMembers } from '../../webhook/workload/find.ts';
import type { World } from '../admission/world.ts';
import type { Template } from '../manifests/find.ts';
import { sourceOf } from '../manifests/parse.ts';
import type { Content, FileItem } from './folder.ts';
import { namesIn } from './names.ts';
import { removals } from './patch.ts';
import { readVolume } from './provider-class.ts';
import { type SyncedSecret, valueAt } from './secret.ts';
import type { FindSecret } from './variables.ts';

type Members = Readonly<Record<string, unknown>>;

/** A volume that is replaced. */
export type Replaced = Content & { readonly name: string };

export type Volumes = {
  readonly replaced: readonly Replaced[];
  readonly patch: readonly Operation[];
  readonly reasons: readonly string[];
};

const DRIVER = 'secrets-store.csi.k8s.io';

/** The mode of the files of a volume that says none. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume */
const MODE = '0644';

/** Reads the volumes of a template. `find` returns the Secrets that are to be replaced. */
export async function readVolumes(template: Template, find: FindSecret, world: World): Promise<Volumes> {
  const list = listOf(template.spec['volumes']);
  const replaced: Replaced[] = [];
  const taken: number[] = [];
  const reasons: string[] = [];
  for (const [index, volume] of list.entries()) {
    const name = String(volume['name']);
    const path = ['spec', 'volumes', index] as const;
    const read = await readOne(volume, { template, path, find, world });
    if (read === undefined) continue;
    if (!read.ok) reasons.push(`The volume ${name}: ${read.problem}`);
    else {
      taken.push(index);
      replaced.push({ ...read.value, name });
    }
  }
  return { replaced, patch: removals('/spec/volumes', list.length, taken), reasons };
}

type Context = {
  readonly template: Template;
  readonly path: readonly (string | number)[];
  readonly find: FindSecret;
  readonly world: World;
};

/** Returns undefined if the volume has nothing that is to be replaced. A problem is a whole sentence. */
async function readOne(volume: Members, context: Context): Promise<Result<Content> | undefined> {
  const { csi, secret, projected, ...others } = volume;
  if (isMembers(csi) && csi['driver'] === DRIVER) return readCsi(String(volume['name']), csi, context);
  if (isMembers(secret)) {
    const mode = modeOf(secret, 'defaultMode', [...context.path, 'secret'], context);
    return readSecret({ ...secret, name: secret['secretName'] }, [...context.path, 'secret'], mode, context);
  }
  if (isMembers(projected)) return readProjected(projected, context);
  const named = namesIn([others, csi]).find(({ name }) => context.find(name) !== undefined);
  return named === undefined
    ? undefined
    : err(`It hands the Secret ${named.name} to a driver, which needs the Secret itself.`);
}

async function readCsi(name: string, csi: Members, { template, world }: Context): Promise<Result<Content> | undefined> {
  const attributes = (isMembers(csi['volumeAttributes']) ? csi['volumeAttributes'] : {}) as CsiVolume['attributes'];
  const { secretProviderClass: className = '' } = attributes;
  const namespace = template.owner.namespace ?? world.namespace;
  const provider = world.classes.get(`${namespace}/${className}`)?.provider;
  if (provider !== undefined && provider !== 'aws') return undefined;
  const read = await readVolume({ name, className, attributes, readOnly: csi['readOnly'] === true }, namespace, world);
  if (!read.ok) return read;
  const { access, files, annotations = {} } = read.value;
  return ok({ access: [access], files, expanded: [], annotations });
}

/** Reads the Secret of a volume, or of a source of a projected one, which has the same members but for the name. */
function readSecret(
  source: Members,
  path: readonly (string | number)[],
  mode: Result<string>,
  context: Context,
): Result<Content> | undefined {
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
  return ok({ ...base, files, expanded: secret.extracts.map((piece) => ({ piece, mode: mode.value, ...optional })) });
}

type Items = {
  readonly secret: SyncedSecret;
  readonly path: readonly (string | number)[];
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

/** Returns a mode in octal digits. Kubernetes reads YAML 1.1, in which `0400` is octal. */
function modeOf(
  members: Members,
  key: string,
  path: readonly (string | number)[],
  { template }: Context,
): Result<string> {
  if (members[key] == null) return ok(MODE);
  const text = sourceOf(template.owner.manifest, [...template.path, ...path, key])?.text ?? '';
  const octal = /^0o?([0-7]+)$/.exec(text)?.[1] ?? (/^[1-9]\d*$/.test(text) ? Number(text).toString(8) : undefined);
  if (octal !== undefined && octal.length <= 4) return ok(octal.padStart(4, '0'));
  return err(`Its ${key} is no number that stands where it belongs: write it out.`);
}

function listOf(value: unknown): Members[] {
  return Array.isArray(value) ? value.filter(isMembers) : [];
}
