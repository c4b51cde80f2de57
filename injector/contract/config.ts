/**
 * Defines the configuration, which the webhook writes and the injector obeys: JSON in one environment variable of the init
 * container. It has names, paths and endpoints, and never a secret, so that `kubectl describe pod` may show it.
 */
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { absolute, assume, aws, identity, region, text } from './access.ts';
import * as defaults from './defaults.ts';
import { ENV_FILE_FORMATS } from './env-file-formats.ts';
import { FILTERS } from './filters.ts';
import * as names from './names.ts';
import { namePattern, pick, rename } from './rename.ts';
import { rotation } from './rotation-schema.ts';
import { SERVICE_NAMES } from './services.ts';
import { sync } from './sync-schema.ts';

// The words of the issues: zod/mini has none of its own.
z.config(en());

/** Reads four octal digits. The setuid, setgid and sticky bits are dropped. */
const mode = z._default(z.string().check(z.regex(/^[0-7]{4}$/)), defaults.MODE);

/** Reads the part of a JSON value to take, as ASCP reads it. The result must be text. */
const jmesPath = z.optional(text);

/** Reads a volume of its own. If it is absent, that is the configuration's directory. */
const directory = z.optional(absolute);

/** Says what an output has if the object or the part of it does not exist, and if the part is no text. */
const leniency = {
  /** The output is left out if the object or the part does not exist. */
  optional: z.optional(z.literal(true)),
  /** This text stands in if the object or the part does not exist. */
  default: z.optional(z.string()),
  /** A part that is no text is taken as JSON, in the source's own digits. */
  type: z.optional(z.literal('any')),
};

const file = z.strictObject({
  directory,
  /** The path is relative to the directory, and never leaves it. */
  path: text,
  mode,
  jmesPath,
  pick,
  ...leniency,
});

const variable = z.strictObject({ name: text, jmesPath, pick, ...leniency });

/** Names a variable by its container and its name there. */
const reader = { container: text, variable: text };

const containerVariable = z.strictObject({
  ...reader,
  /** The synced Secret that the container refers to. */
  secretName: text,
  key: text,
  jmesPath,
});

const environmentFile = z.pipe(
  z.strictObject({
    /** The path is relative to `environment.directory`. */
    path: text,
    /** The name inside the file, which fileKeyRef asks for. If it is absent, that is the path. */
    key: z.optional(text),
    jmesPath,
    pick,
    /** Some of the variables that replace a reference to a synced Secret, for messages. `shell`: its shell could set it. */
    readers: z.optional(z.array(z.strictObject({ ...reader, shell: z.optional(z.literal(true)) }))),
    ...leniency,
  }),
  z.transform(({ path, key = path, ...rest }) => ({ path, key, ...rest })),
);

const expansion = z.strictObject({
  /** The prefix is put before each key. */
  prefix: z.string(),
  /** `upper`: capitals, digits and _ only. If it is absent: letters, digits, ., - and _, as External Secrets converts keys. */
  names: z.optional(z.literal('upper')),
  /** The keys that are left out. * stands for any characters. */
  exclude: z.optional(z.array(text)),
  /** The JSON object inside the value. If it is absent, that is the whole value. */
  jmesPath,
  rename,
  optional: leniency.optional,
});

const folder = z.strictObject({
  directory,
  /** The folder is relative to the directory. It is empty for the directory itself. */
  path: z.string(),
  mode,
  /** Stands for / in each key. / itself makes folders. */
  slash: text,
  /** With it, the key of what a search finds is the whole name of the object. */
  rename,
  optional: leniency.optional,
});

/** Describes what becomes of each value that a search finds: a file, or a folder of its own with the keys and the parts. */
const searchFolder = z.extend(folder, {
  /** Each key of each value, which is a JSON object, becomes a file. */
  expand: z.optional(z.literal(true)),
  /** Parts of each value. Their paths are relative to the folder of the value. */
  parts: z.optional(
    z.array(z.extend(z.omit(file, { directory: true, pick: true }), { jmesPath: text })).check(z.minLength(1)),
  ),
});

const object = z.strictObject({
  service: z._default(z.enum(SERVICE_NAMES), defaults.SERVICE),
  /** A name or a full ARN, as it is written in the declaration. */
  name: text,
  /** The VersionId in Secrets Manager, or the version number in Parameter Store. */
  version: z.optional(text),
  /** The VersionStage in Secrets Manager, or the label in Parameter Store. */
  label: z.optional(text),
  /** If it is absent, that is the configuration's region. */
  region: z.optional(region),
  /** Says what to ask for in the second region. */
  failover: z.optional(z.strictObject({ region, name: text, version: z.optional(text), label: z.optional(text) })),
  /** Files that hold this value or a part of it. */
  files: z.optional(z.array(file)),
  /** Each key of this JSON object becomes a file. */
  folders: z.optional(z.array(folder)),
  /** Variables of the env file or the shell, with this value or a part of it. */
  variables: z.optional(z.array(variable)),
  /** Each key of this JSON object becomes a variable of those. */
  expansions: z.optional(z.array(expansion)),
  /** Files of one variable each, for the kubelet. */
  environment: z.optional(z.array(environmentFile)),
  /** Variables of one container for its shell, which replace references to synced Secrets. */
  shell: z.optional(z.array(containerVariable)),
});

/** Describes a search for objects whose names only AWS knows. */
const search = z.discriminatedUnion('service', [
  z.strictObject({
    service: z.literal('ssm'),
    /** Everything below the path is found, recursively. With tags, `/` means all parameters. */
    path: z.string().check(z.startsWith('/')),
    /** The tags, which are all there. */
    tags: z.optional(z.record(z.string(), z.string())),
    regexp: namePattern,
    region: z.optional(region),
    failoverRegion: z.optional(region),
    /** Each parameter has its name below the path as its key; with tags it has its whole name. */
    folders: z.optional(z.array(searchFolder)),
    /** Each parameter becomes a variable. */
    expansions: z.optional(z.array(z.omit(expansion, { jmesPath: true }))),
  }),
  z.strictObject({
    service: z.literal('secretsmanager'),
    /** The prefix of the name. */
    prefix: z.optional(text),
    /** The tags, which are all there. */
    tags: z.optional(z.record(z.string(), z.string())),
    regexp: namePattern,
    region: z.optional(region),
    failoverRegion: z.optional(region),
    /** Each secret has its name as its key. */
    folders: z.optional(z.array(searchFolder)),
    expansions: z.optional(z.array(z.omit(expansion, { jmesPath: true }))),
  }),
]);

/** Lists the ways in which variables reach a container without the env file. */
export const ENV_DELIVERIES = ['kubelet', 'shell'] as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const placeholder = z.strictObject({
  /** The index into `objects`. */
  object: z.int().check(z.minimum(0)),
  jmesPath,
  ...leniency,
  /** The filters are applied from left to right. */
  filters: z.optional(z.array(z.enum(FILTERS))),
});

/** Text as it is, and what takes its place in between. */
const parts = z.array(z.union([z.string(), placeholder]));

const template = z.strictObject({
  directory,
  /** The path is relative to the directory. */
  path: text,
  mode,
  parts,
});

const templateVariable = z.strictObject({
  name: text,
  /** It has a file of its own name for the kubelet, too. */
  kubelet: z.optional(z.literal(true)),
  parts,
});

/**
 * Reads the configuration. Unknown keys are errors, so that an older injector does not obey half of what a newer webhook
 * writes.
 */
export const InjectorConfig = z.strictObject({
  version: z.literal(1),
  /** The pod's namespace, for the name of the role's session. */
  namespace: text,
  region,
  identity,
  /** If it is absent, the pod's own role reads the objects. */
  assume: z.optional(assume),
  /** The path where the in-memory volume is mounted in the init container. */
  directory: z._default(absolute, names.SECRETS_DIRECTORY),
  objects: z.array(object),
  /** Current values of secrets are asked for by BatchGetSecretValue first, and by GetSecretValue if that fails. */
  batch: z.optional(z.literal(true)),
  searches: z.optional(z.array(search)),
  templates: z.optional(z.array(template)),
  /** Variables of the env file, the shell or the kubelet, whose values are texts with parts of objects. */
  templateVariables: z.optional(z.array(templateVariable)),
  /** If it is absent, both regions are asked at once, as ASCP visits both. */
  failoverMode: z.optional(z.literal('on-error')),
  /** The file that holds all variables. It is needed if there are any, unless the shell gets them. */
  envFile: z.optional(z.strictObject({ path: text, format: z.enum(ENV_FILE_FORMATS), mode })),
  environment: z.optional(
    z.strictObject({
      /** The path where the second in-memory volume is mounted in the init container. */
      directory: z._default(absolute, names.ENVIRONMENT_DIRECTORY),
      /** `kubelet`: a file per variable. `shell`: all in one {@link names.SHELL_FILE}, of which some containers have their own. */
      delivery: z._default(z.enum(ENV_DELIVERIES), defaults.DELIVERY),
      /** The sentinel is written too. */
      sentinel: z.optional(z.literal(true)),
    }),
  ),
  /** One deadline for everything that AWS is asked. */
  retryTimeoutSeconds: z._default(z.number().check(z.positive()), defaults.RETRY_SECONDS),
  /** If it is absent, nothing is watched, and the program ends. */
  rotation: z.optional(rotation),
  /** If it is absent, no Kubernetes Secret is made. */
  sync: z.optional(sync),
  aws: z.optional(aws),
  log: z._default(z.strictObject({ level: z.enum(LOG_LEVELS) }), defaults.LOG),
});

export type InjectorConfig = z.infer<typeof InjectorConfig>;
export type ConfigObject = InjectorConfig['objects'][number];
export type ConfigSearch = NonNullable<InjectorConfig['searches']>[number];
export type ConfigTemplate = NonNullable<InjectorConfig['templates']>[number];
export type ConfigTemplateVariable = NonNullable<InjectorConfig['templateVariables']>[number];
export type ContainerVariable = z.infer<typeof containerVariable>;
export type ConfigPlaceholder = z.infer<typeof placeholder>;
