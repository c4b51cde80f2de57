/** Writes what containers get as annotations of the pod. */
import { serviceRow } from '../../injector/contract/services.ts';
import type { Source } from '../../injector/contract/source.ts';
import { ANNOTATIONS, type AnnotationName } from '../declare/annotation-table.ts';
import { PREFIX } from '../declare/annotations.ts';
import { toYaml } from '../declare/yaml/to-yaml.ts';
import { hasMount, mergeBeside, mountPathOf, type Own, receiversOf } from './beside.ts';
import type { FileItem, Folder } from './folder.ts';
import type { Mounts } from './mounts.ts';
import { keysOf } from './search.ts';
import type { Access, Extract } from './secret.ts';
import { asReference, asTemplate, pickOf } from './value.ts';
import type { Located, Variables } from './variables.ts';

export type Parts = {
  readonly containers: readonly Located[];
  readonly variables: Variables;
  readonly mounts: Mounts;
  /** The ways to AWS of everything that is declared. */
  readonly access: readonly Access[];
  /** True if the shells of the containers set the variables. */
  readonly shell: boolean;
  /** The annotations of the pod itself. */
  readonly own: Own;
};

type Written = {
  /** The annotations with their whole keys; of those that the pod has, only the ones that change. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly reasons: readonly string[];
};

type Texts = Partial<Record<AnnotationName, string>>;

const { 'mount-path': MOUNT_PATH } = ANNOTATIONS;

/** Returns the annotations for everything that the containers get; none if they get nothing. `ownRegion` is that of the cluster, if it is known. */
export function writeAnnotations(parts: Parts, ownRegion: string | undefined): Written {
  const { mounts, variables, own } = parts;
  if (mounts.folders.length + mounts.single.length + variables.env.size + variables.imports.length === 0) {
    return { annotations: {}, reasons: [] };
  }
  const reasons: string[] = [];
  const texts: Texts = {
    ...filesIn(mounts, own, reasons),
    ...variablesIn(parts, reasons),
    ...receiversIn(parts, reasons),
    ...accessIn(parts.access, ownRegion, reasons),
  };
  const merged = mergeBeside(
    own,
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [PREFIX + name, text])),
  );
  return { annotations: merged.annotations, reasons: [...reasons, ...merged.reasons] };
}

function filesIn({ folders, single }: Mounts, own: Own, reasons: string[]): Texts {
  const main = mainFolder(folders, own, reasons);
  const absolute = folders
    .filter((folder) => folder !== main)
    .flatMap(({ mountPath, files }) => files.map((file) => ({ ...file, path: `${mountPath}/${file.path}` })));
  const files = [...(main?.files ?? []), ...absolute, ...single];
  const mode = commonMode(files, main, own, reasons);
  const references = files.filter(({ value }) => asReference(value) !== undefined);
  const templates = files.filter(({ value }) => asReference(value) === undefined);
  const odd = templates.find(({ optional }) => optional);
  if (odd) reasons.push(`The file ${odd.path} is optional, which no template can be.`);
  const isElsewhere = main !== undefined && main.mountPath !== MOUNT_PATH.fallback && !hasMount(own);
  const objects = main?.annotations['objects'] ?? expandedIn(main, mode, reasons);
  return {
    ...(references.length > 0 && { files: toYaml(mapOf(references, (file) => fileValue(file, mode))) }),
    ...(templates.length > 0 && { templates: toYaml(mapOf(templates, ({ value }) => asTemplate(value))) }),
    ...main?.annotations,
    ...(objects !== undefined && { objects }),
    ...(isElsewhere && { 'mount-path': main.mountPath }),
    ...(mode !== (own.get('file-permission') ?? '0644') && { 'file-permission': mode }),
  };
}

/** Returns the folder that is the mount. Of all others, each file is mounted alone. */
function mainFolder(folders: readonly Folder[], own: Own, reasons: string[]): Folder | undefined {
  const needed = folders.filter(({ expanded, annotations }) => expanded.length > 0 || 'objects' in annotations);
  if (hasMount(own)) {
    const mountPath = mountPathOf(own);
    const other = needed.find((folder) => folder.mountPath !== mountPath);
    if (other) {
      reasons.push(
        `The names of the files in ${other.mountPath} are known to AWS only, and the pod has its own files in ${mountPath}: name the keys by items, or set ${PREFIX}mount-path to ${other.mountPath}.`,
      );
    }
    return folders.find((folder) => folder.mountPath === mountPath);
  }
  if (needed.length > 1) {
    const paths = needed.map(({ mountPath }) => mountPath).join(' and ');
    reasons.push(`The names of the files in ${paths} are known to AWS only, and a pod can have one such folder.`);
  }
  return needed[0] ?? folders.find(({ files }) => files.some(({ optional }) => optional)) ?? folders[0];
}

/** Returns the mode of files that name none: that of the templates, which can name none, or the mode that all files have. */
function commonMode(files: readonly FileItem[], main: Folder | undefined, own: Own, reasons: string[]): string {
  const all = new Set([...files, ...(main?.expanded ?? [])].map(({ mode }) => mode));
  const ofTemplates = new Set(files.filter(({ value }) => asReference(value) === undefined).map(({ mode }) => mode));
  if (ofTemplates.size > 1) reasons.push('The files of templates have different modes, and templates can name none.');
  const given = own.get('file-permission') ?? (hasMount(own) ? '0644' : undefined);
  if (given !== undefined) {
    if ([...ofTemplates].some((one) => one !== given))
      reasons.push(`Files of templates have another mode than ${given}, which counts for all templates of the pod.`);
    return given;
  }
  const [mode = '0644', ...others] = ofTemplates.size > 0 ? ofTemplates : all;
  const chosen = ofTemplates.size > 0 || others.length === 0 ? mode : '0644';
  if (chosen !== '0644' && main && 'objects' in main.annotations) {
    reasons.push(`The mode ${chosen} would count for the files of the SecretProviderClass, too.`);
  }
  return chosen;
}

function fileValue({ value, mode, optional }: FileItem, common: string): unknown {
  const [from, pick] = [asReference(value), pickOf(value)];
  if (mode === common && !optional && pick.key === undefined) return from;
  return { from, ...pick, ...(optional && { optional }), ...(mode !== common && { mode }) };
}

function expandedIn(main: Folder | undefined, mode: string, reasons: string[]): string | undefined {
  if (main === undefined || main.expanded.length === 0) return undefined;
  if (main.expanded.some(({ extract }) => isPartOrDecoded(extract))) {
    reasons.push(
      `The files in ${main.mountPath} are keys of a part of a secret, or are decoded: name each of them by items.`,
    );
  }
  return toYaml(
    main.expanded.map(({ extract, mode: own, optional }) => ({
      ...('search' in extract ? keysOf(extract.search) : objectKeys(extract.piece.source)),
      ...(own !== mode && { filePermission: own }),
      ...(optional && { optional }),
      ...('piece' in extract && { expand: true }),
      ...(extract.rename && { rename: extract.rename }),
    })),
  );
}

function isPartOrDecoded(extract: Extract): boolean {
  if ('search' in extract) return extract.isDecoded;
  const { jmesPath, filters = [] } = extract.piece;
  return jmesPath !== undefined || filters.length > 0;
}

function objectKeys({ name, service, version, label }: Source): Record<string, string> {
  return {
    objectName: name,
    objectType: serviceRow(service).objectType,
    ...(version !== undefined && { objectVersion: version }),
    ...(label !== undefined && { objectVersionLabel: label }),
  };
}

function variablesIn({ variables: { env, imports }, shell, own }: Parts, reasons: string[]): Texts {
  const entries = [...env].map(([name, entry]) => [name, 'from' in entry && !entry.optional ? entry.from : entry]);
  const odd = [...env].find(([, entry]) => 'template' in entry && entry.optional);
  if (odd) reasons.push(`The variable ${odd[0]} is optional, which no template can be.`);
  const list = imports.map(({ from, ...more }) => (Object.keys(more).length === 0 ? from : { from, ...more }));
  if (own.get('env-delivery') === 'file' && entries.length > 0) {
    reasons.push(`The pod has ${PREFIX}env-delivery "file", by which no variable reaches a container.`);
  }
  const isShell = list.length > 0 || (shell && entries.length > 0);
  return {
    ...(entries.length > 0 && { env: toYaml(Object.fromEntries(entries)) }),
    ...(list.length > 0 && { 'env-from': toYaml(list) }),
    ...(isShell && { 'env-delivery': 'shell' }),
  };
}

function receiversIn({ containers, variables, mounts, own }: Parts, reasons: string[]): Texts {
  const names = containers.map(({ container }) => container.name);
  const receivers = names.filter((name) => variables.receivers.has(name) || mounts.receivers.has(name));
  const given = receiversOf(own, names);
  if (given === undefined) return receivers.length === names.length ? {} : { containers: receivers.join(',') };
  const left = receivers.find((name) => !given.includes(name));
  if (left !== undefined) {
    reasons.push(`The container ${left} refers to the Secret, and is not named in ${PREFIX}containers: add it there.`);
  }
  return {};
}

function accessIn(access: readonly Access[], ownRegion: string | undefined, reasons: string[]): Texts {
  const ways = new Map(access.map((one) => [JSON.stringify({ ...one, region: one.region ?? ownRegion }), one]));
  if (ways.size > 1)
    reasons.push('Its secrets are in several regions, or are read by several roles, and a pod has one of each.');
  const regions = access.map(({ region }) => region).filter((region) => region !== undefined);
  const [{ failoverRegion, roles, externalId, identity } = { identity: { kind: 'web-identity' as const } }] = access;
  const [region] = regions;
  return {
    ...(region !== undefined && region !== ownRegion && { region }),
    ...(failoverRegion !== undefined && { 'failover-region': failoverRegion }),
    ...(roles !== undefined && { 'role-arn': roles.join(', ') }),
    ...(externalId !== undefined && { 'external-id': externalId }),
    ...(identity.kind === 'pod-identity' && { 'use-pod-identity': 'true' }),
    ...(identity.kind === 'pod-identity' &&
      identity.addressType !== 'auto' && { 'preferred-address-type': identity.addressType }),
  };
}

function mapOf(files: readonly FileItem[], write: (file: FileItem) => unknown): Record<string, unknown> {
  return Object.fromEntries(files.map((file) => [file.path, write(file)]));
}
