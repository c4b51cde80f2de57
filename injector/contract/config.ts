/**
 * Defines the configuration, which the webhook writes and the injector obeys: JSON in one environment variable of the init
 * container. It has names, paths and endpoints, and never a secret, so that `kubectl describe pod` may show it.
 */
import * as v from 'valibot';
import { absolute, assume, aws, identity, index, region, text } from './access.ts';
import * as defaults from './defaults.ts';
import { ENV_FILE_FORMATS } from './env-file-formats.ts';
import { FILTERS } from './filters.ts';
import * as names from './names.ts';
import { namePattern, pick, rename } from './rename.ts';
import { rotation } from './rotation-schema.ts';
import { SERVICE_NAMES } from './services.ts';
import { option, strict } from './strict.ts';
import { sync } from './sync-schema.ts';
import { texts } from './texts.ts';

/** Reads four octal digits. The setuid, setgid and sticky bits are dropped. */
const mode = v.optional(v.pipe(v.string(), v.regex(/^[0-7]{4}$/, 'must be four octal digits')), defaults.MODE);

/** Reads the part of a JSON value to take, as ASCP reads it. The result must be text. */
const jmesPath = v.optional(text);

/** Reads a volume of its own. If it is absent, that is the configuration's directory. */
const directory = v.optional(absolute);

/** Says what an output has if the object or the part of it does not exist, and if the part is no text. */
const leniency = {
  /** The output is left out if the object or the part does not exist. */
  optional: v.optional(v.literal(true)),
  /** This text stands in if the object or the part does not exist. */
  default: v.optional(v.string()),
  /** A part that is no text is taken as JSON, in the source's own digits. */
  type: v.optional(v.literal('any')),
};

const file = strict({
  directory,
  /** The path is relative to the directory, and never leaves it. */
  path: text,
  mode,
  jmesPath,
  pick,
  ...leniency,
});

const variable = strict({ name: text, jmesPath, pick, ...leniency });

/** Names a variable by its container and its name there. */
const reader = { container: text, variable: text };

const containerVariable = strict({
  ...reader,
  /** The synced Secret that the container refers to. */
  secretName: text,
  key: text,
  jmesPath,
});

const environmentFile = v.pipe(
  strict({
    /** The path is relative to `environment.directory`. */
    path: text,
    /** The name inside the file, which fileKeyRef asks for. If it is absent, that is the path. */
    key: v.optional(text),
    jmesPath,
    pick,
    /** Some of the variables that replace a reference to a synced Secret, for messages. `shell`: its shell could set it. */
    readers: v.optional(v.array(strict({ ...reader, shell: v.optional(v.literal(true)) }))),
    ...leniency,
  }),
  v.transform(({ path, key = path, ...rest }) => ({ path, key, ...rest })),
);

const expanded = {
  /** The prefix is put before each key. */
  prefix: v.string(),
  /** `upper`: capitals, digits and _ only. If it is absent: letters, digits, ., - and _, as External Secrets converts keys. */
  names: v.optional(v.literal('upper')),
  /** The keys that are left out. * stands for any characters. */
  exclude: v.optional(v.array(text)),
  rename,
  optional: leniency.optional,
};

const searchExpansion = strict(expanded);

const expansion = strict({
  ...expanded,
  /** The JSON object inside the value. If it is absent, that is the whole value. */
  jmesPath,
});

const folderEntries = {
  directory,
  /** The folder is relative to the directory. It is empty for the directory itself. */
  path: v.string(),
  mode,
  /** Stands for / in each key. / itself makes folders. */
  slash: text,
  /** With it, the key of what a search finds is the whole name of the object. */
  rename,
  optional: leniency.optional,
};

const folder = strict(folderEntries);

/** Describes a file with a part of each value that a search finds. */
const searchPart = strict({ path: text, mode, jmesPath: text, ...leniency });

/** Describes what becomes of each value that a search finds: a file, or a folder of its own with the keys and the parts. */
const searchFolder = strict({
  ...folderEntries,
  /** Each key of each value, which is a JSON object, becomes a file. */
  expand: v.optional(v.literal(true)),
  /** Parts of each value. Their paths are relative to the folder of the value. */
  parts: v.optional(v.pipe(v.array(searchPart), v.nonEmpty('must not be empty'))),
});

const object = strict({
  service: v.optional(v.picklist(SERVICE_NAMES), defaults.SERVICE),
  /** A name or a full ARN, as it is written in the declaration. */
  name: text,
  /** The VersionId in Secrets Manager, or the version number in Parameter Store. */
  version: v.optional(text),
  /** The VersionStage in Secrets Manager, or the label in Parameter Store. */
  label: v.optional(text),
  /** If it is absent, that is the configuration's region. */
  region: v.optional(region),
  /** Says what to ask for in the second region. */
  failover: v.optional(strict({ region, name: text, version: v.optional(text), label: v.optional(text) })),
  /** Files that hold this value or a part of it. */
  files: v.optional(v.array(file)),
  /** Each key of this JSON object becomes a file. */
  folders: v.optional(v.array(folder)),
  /** Variables of the env file or the shell, with this value or a part of it. */
  variables: v.optional(v.array(variable)),
  /** Each key of this JSON object becomes a variable of those. */
  expansions: v.optional(v.array(expansion)),
  /** Files of one variable each, for the kubelet. */
  environment: v.optional(v.array(environmentFile)),
  /** Variables of one container for its shell, which replace references to synced Secrets. */
  shell: v.optional(v.array(containerVariable)),
});

/** Has what searches of both services have. */
const searched = {
  /** The tags, which are all there. */
  tags: v.optional(texts),
  regexp: namePattern,
  region: v.optional(region),
  failoverRegion: v.optional(region),
  /** Each object has its name as its key, and each parameter its name below the path if there are no tags. */
  folders: v.optional(v.array(searchFolder)),
  /** Each object becomes a variable. */
  expansions: v.optional(v.array(searchExpansion)),
};

/** Describes a search for objects whose names only AWS knows. */
const search = v.variant('service', [
  option({
    service: v.literal('ssm'),
    /** Everything below the path is found, recursively. With tags, `/` means all parameters. */
    path: absolute,
    ...searched,
  }),
  option({
    service: v.literal('secretsmanager'),
    /** The prefix of the name. */
    prefix: v.optional(text),
    ...searched,
  }),
]);

/** Lists the ways in which variables reach a container without the env file. */
export const ENV_DELIVERIES = ['kubelet', 'shell'] as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const placeholder = option({
  /** The index into `objects`. */
  object: index,
  jmesPath,
  ...leniency,
  /** The filters are applied from left to right. */
  filters: v.optional(v.array(v.picklist(FILTERS))),
});

/** Text as it is, and what takes its place in between. */
const parts = v.array(v.union([v.string(), placeholder]));

const template = strict({
  directory,
  /** The path is relative to the directory. */
  path: text,
  mode,
  parts,
});

const templateVariable = strict({
  name: text,
  /** It has a file of its own name for the kubelet, too. */
  kubelet: v.optional(v.literal(true)),
  parts,
});

/**
 * Reads the configuration. Unknown keys are errors, so that an older injector does not obey half of what a newer webhook
 * writes.
 */
export const InjectorConfig = option({
  version: v.literal(1),
  /** The pod's namespace, for the name of the role's session. */
  namespace: text,
  region,
  identity,
  /** If it is absent, the pod's own role reads the objects. */
  assume: v.optional(assume),
  /** The path where the in-memory volume is mounted in the init container. */
  directory: v.optional(absolute, names.SECRETS_DIRECTORY),
  objects: v.array(object),
  /** Current values of secrets are asked for by BatchGetSecretValue first, and by GetSecretValue if that fails. */
  batch: v.optional(v.literal(true)),
  searches: v.optional(v.array(search)),
  templates: v.optional(v.array(template)),
  /** Variables of the env file, the shell or the kubelet, whose values are texts with parts of objects. */
  templateVariables: v.optional(v.array(templateVariable)),
  /** If it is absent, both regions are asked at once, as ASCP visits both. */
  failoverMode: v.optional(v.literal('on-error')),
  /** The file that holds all variables. It is needed if there are any, unless the shell gets them. */
  envFile: v.optional(strict({ path: text, format: v.picklist(ENV_FILE_FORMATS), mode })),
  environment: v.optional(
    strict({
      /** The path where the second in-memory volume is mounted in the init container. */
      directory: v.optional(absolute, names.ENVIRONMENT_DIRECTORY),
      /** `kubelet`: a file per variable. `shell`: all in one {@link names.SHELL_FILE}, of which some containers have their own. */
      delivery: v.optional(v.picklist(ENV_DELIVERIES), defaults.DELIVERY),
      /** The sentinel is written too. */
      sentinel: v.optional(v.literal(true)),
    }),
  ),
  /** One deadline for everything that AWS is asked. */
  retryTimeoutSeconds: v.optional(
    v.pipe(v.number(), v.finite('must be a number'), v.gtValue(0, 'must be more than 0')),
    defaults.RETRY_SECONDS,
  ),
  /** If it is absent, nothing is watched, and the program ends. */
  rotation: v.optional(rotation),
  /** If it is absent, no Kubernetes Secret is made. */
  sync: v.optional(sync),
  aws: v.optional(aws),
  log: v.optional(strict({ level: v.picklist(LOG_LEVELS) }), defaults.LOG),
});

export type InjectorConfig = v.InferOutput<typeof InjectorConfig>;
export type ConfigObject = InjectorConfig['objects'][number];
export type ConfigSearch = NonNullable<InjectorConfig['searches']>[number];
export type ConfigTemplate = NonNullable<InjectorConfig['templates']>[number];
export type ConfigTemplateVariable = NonNullable<InjectorConfig['templateVariables']>[number];
export type ContainerVariable = v.InferOutput<typeof containerVariable>;
export type ConfigPlaceholder = v.InferOutput<typeof placeholder>;
