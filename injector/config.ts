/**
 * The contract between the webhook, which writes it, and the injector, which obeys it: JSON in one environment variable
 * of the init container. It holds names, paths and endpoints, never a secret, so that `kubectl describe pod` may show it.
 */
import { z } from 'zod';

/** The init container's environment variable that holds the encoded configuration. */
export const CONFIG_ENV = 'AWS_SECRETS_INJECTOR_CONFIG';

/** The init container's environment variable that holds the pod's name, which nobody knows at admission (generateName). */
export const POD_NAME_ENV = 'AWS_SECRETS_INJECTOR_POD_NAME';

/** Bytes. Linux allows 128 KiB for one `NAME=value` string; the rest is left for what a later version may add. */
export const CONFIG_LIMIT = 96 * 1024;

const mode = z
  .string()
  .regex(/^[0-7]{4}$/)
  .describe('four octal digits; setuid, setgid and sticky bits are dropped');

const jmesPath = z
  .string()
  .min(1)
  .describe('the part of a JSON value to take, as ASCP reads it: the result must be text');

const file = z.strictObject({
  path: z.string().min(1).describe('relative to the directory; never leaves it'),
  mode,
  jmesPath: jmesPath.optional(),
});

const variable = z.strictObject({ name: z.string().min(1), jmesPath: jmesPath.optional() });

const expansion = z.strictObject({
  prefix: z.string().describe('put before each key'),
  jmesPath: jmesPath.optional().describe('the JSON object inside the value; the whole value without it'),
});

const object = z.strictObject({
  service: z.enum(['secretsmanager', 'ssm']),
  name: z.string().min(1).describe('a name or a full ARN, as written in the declaration'),
  version: z.string().min(1).optional().describe('VersionId (Secrets Manager) or version number (Parameter Store)'),
  label: z.string().min(1).optional().describe('VersionStage (Secrets Manager) or label (Parameter Store)'),
  files: z.array(file).optional().describe('files that hold this value or a part of it'),
  variables: z.array(variable).optional().describe('variables of the env file with this value or a part of it'),
  expansions: z.array(expansion).optional().describe('each key of this JSON object becomes a variable of the env file'),
});

const url = z.url({ protocol: /^https?$/ });

const aws = z.strictObject({
  endpointUrl: url.optional().describe('one endpoint for all services: an emulator'),
  endpoints: z
    .strictObject({ sts: url.optional(), secretsmanager: url.optional(), ssm: url.optional() })
    .optional()
    .describe('VPC endpoints; each wins over endpointUrl'),
  useFipsEndpoint: z.boolean().optional(),
  useDualstackEndpoint: z.boolean().optional(),
  httpsProxy: url.optional(),
  noProxy: z.string().optional().describe('comma-separated hosts and domain suffixes that bypass the proxy'),
  caBundle: z.string().optional().describe('PEM, added to the usual roots'),
});

/** What the injector accepts. Unknown keys are errors: a newer webhook must not be half understood. */
export const InjectorConfig = z.strictObject({
  version: z.literal(1),
  namespace: z.string().min(1).describe("the pod's namespace, for the role session's name"),
  region: z.string().regex(/^[a-z0-9-]+$/),
  roleArn: z.string().startsWith('arn:').describe('the IAM role of the ServiceAccount'),
  tokenFile: z.string().startsWith('/').describe('the web identity token, audience sts.amazonaws.com'),
  directory: z.string().startsWith('/').describe('where the in-memory volume is mounted in the init container'),
  objects: z.array(object),
  envFile: z
    .strictObject({ path: z.string().min(1), format: z.enum(['shell', 'dotenv', 'docker', 'json']), mode })
    .optional()
    .describe('the file that holds all variables; needed where any are declared'),
  retryTimeoutSeconds: z.number().positive().describe('one deadline for everything that AWS is asked'),
  aws: aws.optional(),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']), format: z.enum(['json', 'text']) }),
});

export type InjectorConfig = z.infer<typeof InjectorConfig>;
export type ConfigObject = InjectorConfig['objects'][number];

/** `decodeConfig` could not read the text. The message says what is wrong, for people. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * The configuration as the value of {@link CONFIG_ENV}. The kubelet expands `$(NAME)` and `$$` in environment values, so
 * every `$` is written as its JSON escape: no configuration can refer to another variable.
 */
export function encodeConfig(config: InjectorConfig): string {
  return JSON.stringify(config).replaceAll('$', '\\u0024');
}

/** Reads what {@link encodeConfig} wrote. Throws {@link ConfigError} for anything else. */
export function decodeConfig(text: string): InjectorConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError('is not JSON');
  }
  const result = InjectorConfig.safeParse(json);
  if (!result.success) throw new ConfigError(z.prettifyError(result.error));
  return result.data;
}
