/** Answers the questions that admission asks about the cluster from files and options, and keeps what they can not answer. */
import { isDeepStrictEqual } from 'node:util';
import { isMembers } from '../../injector/contract/members.ts';
import type { AccountRole, External, Facts } from '../../webhook/admission/facts.ts';
import { deliversEnvFiles, parseVersion } from '../../webhook/admission/kubernetes-version.ts';
import { roleIn } from '../../webhook/admission/role.ts';
import { type ProviderClass, type RawSpec, readSpec } from '../../webhook/declare/provider-class.ts';
import { secretNameOf } from '../../webhook/external-secrets/references.ts';
import type { EnvFiles } from '../../webhook/mutate/environment/variables.ts';
import type { AdmissionSettings } from '../../webhook/settings.ts';
import type { KubernetesObject } from '../../webhook/workload/find.ts';
import { describeObject } from '../manifests/find.ts';
import { UsageError } from '../shell.ts';

/** Has the known facts of the cluster that the pods are for. */
export type World = {
  readonly settings: AdmissionSettings;
  /** The namespace of objects that name none. */
  readonly namespace: string;
  /** By kind, namespace and name (`describeObject`), like the classes and the objects of External Secrets. */
  readonly roles: ReadonlyMap<string, AccountRole>;
  readonly classes: ReadonlyMap<string, ProviderClass>;
  readonly external: ReadonlyMap<string, External>;
  /** The objects that the files hold in several versions. Nothing is known of them, as no version is taken for the right one. */
  readonly ambiguous: ReadonlySet<string>;
  /** True if a ServiceAccount or class that the files do not hold does not exist; else nothing is known of it. */
  readonly complete: boolean;
  /** Says where objects come from that are not known: nobody gave their files, or the cluster did not let us read them. */
  readonly source: 'files' | 'cluster';
  /** The region of the cluster; undefined if nobody said it. */
  readonly region: string | undefined;
  /** Says what the cluster can do; undefined if its version is not known. */
  readonly envFiles: EnvFiles | undefined;
};

/** The options of the commands that decide about pods. */
export type WorldOptions = {
  readonly namespace: string;
  readonly region?: string;
  readonly kubernetes?: string;
  readonly complete?: boolean;
  readonly source?: World['source'];
};

/** Stands for the role of a ServiceAccount that nothing is known of. */
export const UNKNOWN_ROLE = 'arn:aws:iam::000000000000:role/unknown';

/** Stands for the region where nobody said it. No failover region is the same. */
export const UNKNOWN_REGION = 'not-known-0';

/** Says of an object that it is ambiguous, as the end of a sentence. */
export const DIFFERS = 'is in the files in versions that differ';

/** A cluster that nobody said the version of is new enough, but for nodes that may be older. */
const UNKNOWN_VERSION: EnvFiles = { serverVersion: 'unknown', server: true, everyNode: false };

/**
 * Returns what the objects and the options say of the cluster. Throws a `UsageError` if the version can not be read, or if files
 * that are said to be complete hold an object in several versions.
 */
export function worldOf(
  objects: Iterable<KubernetesObject>,
  settings: AdmissionSettings,
  options: WorldOptions,
): World {
  const { namespace, complete = false, source = 'files', kubernetes } = options;
  const roles = new Map<string, AccountRole>();
  const classes = new Map<string, ProviderClass>();
  const external = new Map<string, External>();
  const ambiguous = new Set<string>();
  for (const object of objects) {
    const label = describeObject(object, namespace);
    const add = <T>(known: Map<string, T>, value: T) => {
      if (known.has(label) && !isDeepStrictEqual(known.get(label), value)) ambiguous.add(label);
      known.set(label, value);
    };
    if (object.kind === 'ServiceAccount') add(roles, roleIn(annotationsOf(object)));
    if (isExternal(object)) add(external, { spec: object.value['spec'] });
    if (object.kind === 'SecretProviderClass') add(classes, readSpec(object.value['spec'] as RawSpec | undefined));
  }
  if (complete && ambiguous.size > 0) {
    const list = [...ambiguous].join(', ');
    throw new UsageError(`--complete needs one version of each object, and the files have several of ${list}.`);
  }
  for (const label of ambiguous) for (const known of [roles, classes]) known.delete(label);
  const envFiles = kubernetes === undefined ? undefined : versionFacts(kubernetes);
  return {
    settings,
    namespace,
    roles,
    classes,
    external,
    ambiguous,
    complete,
    source,
    region: options.region ?? settings.aws.region,
    envFiles,
  };
}

/** Returns the answers for one pod. `annotations` are the pod's: an ARN in them tells the region where nobody said it. */
export function factsFor(world: World, annotations: Readonly<Record<string, string>>): Facts {
  const { roles, classes, external, ambiguous, complete, envFiles = UNKNOWN_VERSION } = world;
  const externalAt = (label: string) => (ambiguous.has(label) ? undefined : external.get(label));
  return {
    roleOf: async (namespace, name) =>
      roles.get(describeObject({ kind: 'ServiceAccount', name }, namespace)) ??
      (complete ? undefined : { roleArn: UNKNOWN_ROLE }),
    region: async () => world.region ?? regionInArn(Object.values(annotations)) ?? UNKNOWN_REGION,
    classOf: async (namespace, name) => classes.get(describeObject({ kind: 'SecretProviderClass', name }, namespace)),
    externalSecretOf: async (namespace, name) =>
      externalAt(describeObject({ kind: 'ExternalSecret', name }, namespace)),
    externalSecretsFor: async (namespace, names) => makersOf(external, namespace, names),
    storeOf: async (kind, namespace, name) => externalAt(describeObject({ kind, name }, namespace)),
    envFiles: async () => envFiles,
    serverVersion: async (needed) => parseVersion(world.envFiles?.serverVersion) ?? needed,
  };
}

/** Returns the names of the ExternalSecrets of a namespace that make Secrets of these names, in order. */
function makersOf(external: World['external'], namespace: string, secretNames: readonly string[]): string[] {
  const start = describeObject({ kind: 'ExternalSecret', name: '' }, namespace);
  return [...external]
    .filter(([key]) => key.startsWith(start))
    .map(([key, { spec }]) => ({ name: key.slice(start.length), spec }))
    .filter(({ name, spec }) => secretNames.includes(secretNameOf(name, spec)))
    .map(({ name }) => name)
    .sort();
}

/** The group of the External Secrets operator. Others of its groups are those of generators. */
const GROUP = /^external-secrets\.io\/(v1|v1beta1)$/;

/** Returns whether the object is of External Secrets, and of an apiVersion that is read. */
export function isExternal({ apiVersion }: Pick<KubernetesObject, 'apiVersion'>): boolean {
  return GROUP.test(apiVersion);
}

/** Returns the annotations that are texts. */
export function annotationsOf({ value }: Pick<KubernetesObject, 'value'>): Readonly<Record<string, string>> {
  const { metadata } = value;
  const annotations = isMembers(metadata) ? metadata['annotations'] : undefined;
  if (!isMembers(annotations)) return {};
  return Object.fromEntries(
    Object.entries(annotations).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The version counts for the API server and for all nodes. */
function versionFacts(text: string): EnvFiles {
  const version = parseVersion(text);
  if (version === undefined) throw new UsageError(`--kubernetes ${text} is no version; write one like 1.35.`);
  const delivers = deliversEnvFiles(version);
  return { serverVersion: `${version.major}.${version.minor}`, server: delivers, everyNode: delivers };
}

function regionInArn(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const [, region] = /\barn:[a-z-]+:(?:secretsmanager|ssm):([a-z0-9-]+):/.exec(text) ?? [];
    if (region !== undefined) return region;
  }
  return undefined;
}
