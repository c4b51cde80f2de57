/** Every annotation under our prefix, with what docs/annotations.md says about it. */
import { parseBoolean } from './values.ts';

export const PREFIX = 'aws-secrets-injector.dev/';

type Entry = {
  readonly value: string;
  /** What holds where the annotation is absent. */
  readonly default: string;
  readonly meaning: string;
  /** A later version will do it; until then it is refused, never ignored. */
  readonly later?: true;
};

export const ANNOTATIONS = {
  inject: {
    value: '`"true"` or `"false"`',
    default: 'on, if anything is declared',
    meaning:
      '`"false"` switches the injection off. `"true"` also takes over CSI volumes of provider `aws`, on every kind of node.',
  },
  objects: {
    value: 'YAML list',
    default: 'none',
    meaning:
      "The `objects` of the Secrets Store CSI driver's AWS provider: objectName, objectType, objectAlias, objectVersion, objectVersionLabel, filePermission, failoverObject, jmesPath. Besides: `optional`, `default`, `type: any`, `expand: true` (each key becomes a file), and in place of objectName `path` (Parameter Store) or `prefix` and `tags` (Secrets Manager).",
  },
  files: {
    value: 'YAML map, path → reference, or → `{from: reference, optional, default, type: any, mode}`',
    default: 'none',
    meaning: 'Files in the mount. Sub-folders are made.',
  },
  env: {
    value: 'YAML map, variable → reference, or → `{from: reference, optional, default, type: any}`',
    default: 'none',
    meaning: 'Environment variables of the containers. `env-delivery` says how they get there.',
  },
  'env-from': {
    value: 'YAML list of references, or of `{from: reference, prefix: text, optional: true}`',
    default: 'none',
    meaning:
      'Each key of these JSON objects, or each parameter below `ssm:/path/`, becomes a variable. This needs `env-file` or `env-delivery: shell`.',
  },
  templates: {
    value: 'YAML map, path → text with `{{ reference }}` or `{{ reference | filter }}`',
    default: 'none',
    meaning:
      'Files made of text and values. Filters: `json`, `base64`, `base64decode`, `urlencode`, `shell`, `properties`. `{{ "text" }}` is that text.',
  },
  'secret-provider-class': {
    value: 'names, comma-separated',
    default: 'none',
    meaning: "SecretProviderClass objects of provider `aws` in the pod's namespace, whose parameters are used.",
  },
  'mount-path': {
    value: 'absolute path',
    default: '`/mnt/secrets-store`',
    meaning: 'The folder in which files appear, read-only.',
  },
  containers: {
    value: 'names, comma-separated',
    default: 'all that the pod has when first seen',
    meaning: 'The containers and init containers that get the mount and the variables.',
  },
  position: {
    value: '`first`, `last` or `after:NAME`',
    default: '`first`',
    meaning:
      'The place of the injected container among the init containers. Those that run earlier get nothing. If no container is called NAME, it comes first, and moves behind NAME when another webhook adds it.',
  },
  'env-delivery': {
    value: '`kubelet`, `shell` or `file`',
    default: '`kubelet` where `env` is declared',
    meaning:
      "How `env` reaches the containers: the kubelet sets it (Kubernetes 1.35), the container's own `/bin/sh` sets it before the command, or it is only in the env file.",
  },
  'env-file': { value: 'path in the mount', default: 'none', meaning: 'The file that holds all variables.' },
  'env-file-format': {
    value: '`shell`, `dotenv`, `docker` or `json`',
    default: '`shell`',
    meaning:
      'The reader that the env file is for: `set -a; . file` in a shell, a dotenv library, `docker --env-file`, or a reader of JSON.',
  },
  region: {
    value: 'AWS region',
    default: "the class's, else the webhook's",
    meaning: 'The region of the secrets. ARNs must name it too.',
  },
  'failover-region': {
    value: 'AWS region',
    default: "the class's, else none",
    meaning: 'A second region. Its value is used if the first one fails with a fault that may heal.',
  },
  'failover-mode': {
    value: '`both` or `on-error`',
    default: '`both`',
    meaning: 'Whether the second region is asked at the same time, or only when the first one fails.',
  },
  batch: {
    value: '`"true"` or `"false"`',
    default: 'the chart\'s: `"false"`',
    meaning:
      'Whether current values of Secrets Manager are read twenty at a time, by BatchGetSecretValue. What a batch does not return is read by GetSecretValue.',
  },
  'path-translation': {
    value: 'one character, or `False`',
    default: "the class's, else `_`",
    meaning:
      'The character that stands for `/` in the file names of `objects` and classes. `False` keeps the `/`, and makes folders.',
  },
  'use-pod-identity': {
    value: '`"true"` or `"false"`',
    default: '`"false"`, or as the class says',
    meaning:
      'Whether credentials come from EKS Pod Identity instead of the role of the ServiceAccount. Not on Fargate.',
  },
  'preferred-address-type': {
    value: '`ipv4`, `ipv6` or `auto`',
    default: '`auto`, or as the class says',
    meaning: 'How the Pod Identity agent is reached. `auto` tries IPv4 first.',
  },
  'file-permission': {
    value: 'four octal digits in quotes',
    default: '`"0644"`',
    meaning: 'The mode of files that declare none.',
  },
  'role-arn': {
    value: 'ARN',
    default: 'none',
    meaning: "A role to assume after the pod's own, for another account.",
  },
  'external-id': { value: 'text', default: 'none', meaning: 'The external ID for `role-arn`.' },
  rotation: {
    value: 'interval',
    default: 'off',
    meaning: 'Reserved: a later version replaces changed files while the pod runs. This one refuses it.',
    later: true,
  },
  'retry-timeout': {
    value: 'duration, `1s` to `24h`',
    default: '`30s`; `15m` where the pod never restarts',
    meaning: 'How long faults of AWS are retried in one run.',
  },
  cpu: { value: 'quantity', default: 'what the largest app container requests', meaning: "The init container's CPU." },
  memory: {
    value: 'quantity',
    default: 'what the largest app container requests, or what the init container needs if that is more',
    meaning: "The init container's memory.",
  },
  'run-as-user': {
    value: 'number, not 0',
    default: "the app's, or 65532",
    meaning: 'The user that the init container runs as, and that owns the files.',
  },
  'run-as-group': { value: 'number', default: "the app's", meaning: 'The group of the init container.' },
  'log-level': {
    value: '`debug`, `info`, `warn` or `error`',
    default: "the chart's",
    meaning: 'How much the init container logs.',
  },
  status: {
    value: '`injected`',
    default: 'set by us',
    meaning: 'The pod was injected. It is for people; nothing reads it.',
  },
} as const satisfies Record<string, Entry>;

export type AnnotationName = keyof typeof ANNOTATIONS;

/** The annotations that say what to fetch. */
export const SOURCES = [
  'objects',
  'files',
  'env',
  'env-from',
  'templates',
  'secret-provider-class',
] as const satisfies AnnotationName[];

const ASKING_NOTHING: ReadonlySet<string> = new Set(['inject', 'status'].map((name) => PREFIX + name));
const SOURCE_KEYS: ReadonlySet<string> = new Set(SOURCES.map((name) => PREFIX + name));

/**
 * Returns whether the annotations ask for an injection. They do, too, where one only says how, has a name that nobody knows, or has
 * the prefix in other letters: most likely the rest was forgotten or misspelt; and where `inject` is neither true nor false.
 * `declare` then refuses the pod.
 */
export function declares(annotations: Readonly<Record<string, string>>): boolean {
  const inject = parseBoolean(annotations[`${PREFIX}inject`] ?? 'true');
  if (!inject.ok) return true;
  return inject.value && Object.keys(annotations).some((key) => isOurs(key) && !ASKING_NOTHING.has(key));
}

/** Returns whether any annotation says what to fetch, in small letters or others, as the chart's ValidatingAdmissionPolicy does. */
export function hasSources(annotations: Readonly<Record<string, string>>): boolean {
  return Object.keys(annotations).some((key) => SOURCE_KEYS.has(key.toLowerCase()));
}

/** Returns the annotations under our prefix, by their names without it; by the whole key where the prefix has other letters. */
export function ownAnnotations(annotations: Readonly<Record<string, string>>): Map<string, string> {
  const own = Object.entries(annotations).filter(([key]) => isOurs(key));
  return new Map(own.map(([key, value]) => [key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key, value]));
}

/** Returns whether a key has our prefix, in small letters or others: Kubernetes takes both, and as different keys. */
export function isOurs(key: string): boolean {
  return key.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}
