/**
 * Defines the configuration, which the webhook writes and the injector obeys: JSON in one environment variable of the init
 * container. It has names, paths and endpoints, and never a secret, so that `kubectl describe pod` may show it.
 */
import * as z from 'zod';
import { absolute, aws, identity, region, roleArn } from './access.ts';
import * as defaults from './defaults.ts';
import { ENV_FILE_FORMATS } from './env-file-formats.ts';
import { FILTERS } from './filters.ts';
import * as names from './names.ts';
import { rotation } from './rotation-schema.ts';
import { SERVICE_NAMES } from './services.ts';

const mode = z
  .string()
  .regex(/^[0-7]{4}$/)
  .default(defaults.MODE)
  .describe('four octal digits; setuid, setgid and sticky bits are dropped');

const jmesPath = z
  .string()
  .min(1)
  .describe('the part of a JSON value to take, as ASCP reads it: the result must be text');

const directory = absolute.optional().describe("a volume of its own; absent: the configuration's directory");

/** Says what an output has if the object or the part of it does not exist, and if the part is no text. */
const leniency = {
  optional: z.literal(true).optional().describe('left out where the object or the part does not exist'),
  default: z.string().optional().describe('stands in where the object or the part does not exist'),
  type: z.literal('any').optional().describe("a part that is no text is taken as JSON, in the source's own digits"),
};

const file = z.strictObject({
  directory,
  path: z.string().min(1).describe('relative to the directory; never leaves it'),
  mode,
  jmesPath: jmesPath.optional(),
  ...leniency,
});

const variable = z.strictObject({ name: z.string().min(1), jmesPath: jmesPath.optional(), ...leniency });

const reader = {
  container: z.string().min(1),
  variable: z.string().min(1).describe('its name in the container'),
};

const containerVariable = z.strictObject({
  ...reader,
  secretName: z.string().min(1).describe('the synced Secret that the container refers to'),
  key: z.string().min(1),
  jmesPath: jmesPath.optional(),
});

const environmentFile = z
  .strictObject({
    path: z.string().min(1).describe('relative to environment.directory'),
    key: z.string().min(1).optional().describe('the name inside the file, which fileKeyRef asks for; absent: the path'),
    jmesPath: jmesPath.optional(),
    readers: z
      .array(z.strictObject({ ...reader, shell: z.literal(true).optional().describe('its shell could set it') }))
      .optional()
      .describe('some of the variables that replace a reference to a synced Secret, for messages'),
    ...leniency,
  })
  .transform(({ path, key = path, ...rest }) => ({ path, key, ...rest }));

const expansion = z.strictObject({
  prefix: z.string().describe('put before each key'),
  names: z
    .literal('upper')
    .optional()
    .describe('capitals, digits and _ only; absent: letters, digits, ., - and _, as External Secrets converts keys'),
  exclude: z.array(z.string().min(1)).optional().describe('keys that are left out; * stands for any characters'),
  jmesPath: jmesPath.optional().describe('the JSON object inside the value; the whole value without it'),
  optional: leniency.optional,
});

const folder = z.strictObject({
  directory,
  path: z.string().describe('the folder, relative to the directory; empty for the directory itself'),
  mode,
  slash: z.string().min(1).describe('stands for / in each key; / itself makes folders'),
  optional: leniency.optional,
});

/** Describes what becomes of each value that a search finds: a file, or a folder of its own with the keys and the parts. */
const searchFolder = folder.extend({
  expand: z.literal(true).optional().describe('each key of each value, which is a JSON object, becomes a file'),
  parts: z
    .array(file.omit({ directory: true }).extend({ jmesPath }))
    .min(1)
    .optional()
    .describe('parts of each value; their paths are relative to the folder of the value'),
});

const object = z.strictObject({
  service: z.enum(SERVICE_NAMES).default(defaults.SERVICE),
  name: z.string().min(1).describe('a name or a full ARN, as written in the declaration'),
  version: z.string().min(1).optional().describe('VersionId (Secrets Manager) or version number (Parameter Store)'),
  label: z.string().min(1).optional().describe('VersionStage (Secrets Manager) or label (Parameter Store)'),
  region: region.optional().describe("absent: the configuration's"),
  failover: z
    .strictObject({
      region,
      name: z.string().min(1),
      version: z.string().min(1).optional(),
      label: z.string().min(1).optional(),
    })
    .optional()
    .describe('what to ask for in the second region'),
  files: z.array(file).optional().describe('files that hold this value or a part of it'),
  folders: z.array(folder).optional().describe('each key of this JSON object becomes a file'),
  variables: z
    .array(variable)
    .optional()
    .describe('variables of the env file or the shell, with this value or a part of it'),
  expansions: z.array(expansion).optional().describe('each key of this JSON object becomes a variable of those'),
  environment: z.array(environmentFile).optional().describe('files of one variable each, for the kubelet'),
  shell: z
    .array(containerVariable)
    .optional()
    .describe('variables of one container for its shell, which replace references to synced Secrets'),
});

/** Describes a search for objects whose names only AWS knows. */
const search = z.discriminatedUnion('service', [
  z.strictObject({
    service: z.literal('ssm'),
    path: z.string().startsWith('/').describe('everything below it, recursively'),
    region: region.optional(),
    failoverRegion: region.optional(),
    folders: z.array(searchFolder).optional().describe('each parameter has its name below the path as its key'),
    expansions: z
      .array(expansion.omit({ jmesPath: true }))
      .optional()
      .describe('each parameter becomes a variable'),
  }),
  z.strictObject({
    service: z.literal('secretsmanager'),
    prefix: z.string().min(1).optional().describe('of the name'),
    tags: z.record(z.string(), z.string()).optional().describe('all of them'),
    region: region.optional(),
    failoverRegion: region.optional(),
    folders: z.array(searchFolder).optional().describe('each secret has its name as its key'),
  }),
]);

/** Lists the ways in which variables reach a container without the env file. */
export const ENV_DELIVERIES = ['kubelet', 'shell'] as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const placeholder = z.strictObject({
  object: z.int().min(0).describe('index into objects'),
  jmesPath: jmesPath.optional(),
  ...leniency,
  filters: z.array(z.enum(FILTERS)).optional().describe('applied from left to right'),
});

const template = z.strictObject({
  directory,
  path: z.string().min(1).describe('relative to the directory'),
  mode,
  parts: z.array(z.union([z.string(), placeholder])).describe('text as it is, and what takes its place in between'),
});

/**
 * Reads the configuration. Unknown keys are errors, so that an older injector does not obey half of what a newer webhook
 * writes.
 */
export const InjectorConfig = z.strictObject({
  version: z.literal(1),
  namespace: z.string().min(1).describe("the pod's namespace, for the role session's name"),
  region,
  identity,
  assume: z
    .strictObject({ roleArn, externalId: z.string().min(1).optional() })
    .optional()
    .describe('a role to assume with the first credentials, for another account'),
  directory: absolute
    .default(names.SECRETS_DIRECTORY)
    .describe('where the in-memory volume is mounted in the init container'),
  objects: z.array(object),
  batch: z
    .literal(true)
    .optional()
    .describe(
      'current values of secrets are asked for by BatchGetSecretValue first, by GetSecretValue where that fails',
    ),
  searches: z.array(search).optional(),
  templates: z.array(template).optional(),
  failoverMode: z
    .literal('on-error')
    .optional()
    .describe('absent: both regions are asked at once, as ASCP visits both'),
  envFile: z
    .strictObject({ path: z.string().min(1), format: z.enum(ENV_FILE_FORMATS), mode })
    .optional()
    .describe('the file that holds all variables; needed where any are declared, unless the shell gets them'),
  environment: z
    .strictObject({
      directory: absolute
        .default(names.ENVIRONMENT_DIRECTORY)
        .describe('where the second in-memory volume is mounted in the init container'),
      delivery: z
        .enum(ENV_DELIVERIES)
        .default(defaults.DELIVERY)
        .describe(
          `kubelet: a file per variable; shell: all in one ${names.SHELL_FILE}, which some containers have their own of`,
        ),
      sentinel: z.literal(true).optional().describe('write the sentinel too'),
    })
    .optional(),
  retryTimeoutSeconds: z
    .number()
    .positive()
    .default(defaults.RETRY_SECONDS)
    .describe('one deadline for everything that AWS is asked'),
  rotation: rotation.optional().describe('absent: nothing is watched, and the program ends'),
  aws: aws.optional(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS) }).default(defaults.LOG),
});

export type InjectorConfig = z.infer<typeof InjectorConfig>;
export type ConfigObject = InjectorConfig['objects'][number];
export type ConfigSearch = NonNullable<InjectorConfig['searches']>[number];
export type ConfigTemplate = NonNullable<InjectorConfig['templates']>[number];
export type ContainerVariable = z.infer<typeof containerVariable>;
export type ConfigPlaceholder = z.infer<typeof placeholder>;
