/** Every annotation under our prefix, with what README.md says of it. */
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
    default: 'on where anything is declared',
    meaning: '`"false"` switches the injection off, whatever else is declared.',
  },
  objects: {
    value: 'YAML list',
    default: 'none',
    meaning:
      "Exactly the `objects` of the Secrets Store CSI driver's AWS provider: objectName, objectType, objectAlias, objectVersion, objectVersionLabel, filePermission, failoverObject, jmesPath. Ours, each off unless written: `optional`, `default`, `type: any`, `expand: true` (each key a file); and, in place of objectName, `path` (Parameter Store) or `prefix` and `tags` (Secrets Manager).",
  },
  files: {
    value: 'YAML map, path → reference, or → `{from: reference, optional, default, type: any, mode}`',
    default: 'none',
    meaning: 'Files in the mount; sub-folders are made.',
  },
  env: {
    value: 'YAML map, variable → reference, or → `{from: reference, optional, default, type: any}`',
    default: 'none',
    meaning: 'Environment variables of the containers; `env-delivery` says how they get there.',
  },
  'env-from': {
    value: 'YAML list of references, or of `{from: reference, prefix: text, optional: true}`',
    default: 'none',
    meaning:
      'Each key of these JSON objects, or each parameter below `ssm:/path/`, becomes a variable; needs `env-file` or `env-delivery: shell`.',
  },
  templates: {
    value: 'YAML map, path → text with `{{ reference }}` or `{{ reference | filter }}`',
    default: 'none',
    meaning:
      'Files made of text and values. Filters: `json`, `base64`, `base64decode`, `urlencode`, `shell`, `properties`; `{{ "text" }}` is that text.',
  },
  'secret-provider-class': {
    value: 'names, comma-separated',
    default: 'none',
    meaning: "Takes the parameters of SecretProviderClass objects of provider `aws` in the pod's namespace.",
  },
  'mount-path': { value: 'absolute path', default: '`/mnt/secrets-store`', meaning: 'Where files appear, read-only.' },
  containers: {
    value: 'names, comma-separated',
    default: 'all that the pod has when first seen',
    meaning: 'The containers and init containers that get the mount and the variables.',
  },
  position: {
    value: '`first`, `last` or `after:NAME`',
    default: '`first`',
    meaning:
      'Where among the init containers ours stands. Those that run before it get nothing. Where no container is called NAME, ours stands first, and moves right behind it when another webhook adds it.',
  },
  'env-delivery': {
    value: '`kubelet`, `shell` or `file`',
    default: '`kubelet` where `env` is declared',
    meaning:
      "How `env` reaches the containers: set by the kubelet (Kubernetes 1.35), by the container's own `/bin/sh` before its command, or only by the env file.",
  },
  'env-file': { value: 'path in the mount', default: 'none', meaning: 'The file that holds all variables.' },
  'env-file-format': {
    value: '`shell`, `dotenv`, `docker` or `json`',
    default: '`shell`',
    meaning:
      'Who reads the env file: `set -a; . file` in a shell, a dotenv library, `docker --env-file`, anything else.',
  },
  region: {
    value: 'AWS region',
    default: "the class's, else the webhook's",
    meaning: 'Where the secrets are; ARNs must name it too.',
  },
  'failover-region': {
    value: 'AWS region',
    default: "the class's, else none",
    meaning: 'A second region; its value is taken where the first one fails, unless it fails for good.',
  },
  'failover-mode': {
    value: '`both` or `on-error`',
    default: '`both`',
    meaning: 'Whether the second region is asked at the same time, as ASCP visits both, or only when the first fails.',
  },
  batch: {
    value: '`"true"` or `"false"`',
    default: 'the chart\'s: `"false"`',
    meaning:
      'Read current values of Secrets Manager twenty at a time, by BatchGetSecretValue; by GetSecretValue what does not come so.',
  },
  'path-translation': {
    value: 'one character, or `False`',
    default: "the class's, else `_`",
    meaning: 'What stands for `/` in the file names of `objects` and classes; `False` keeps it, and makes folders.',
  },
  'use-pod-identity': {
    value: '`"true"` or `"false"`',
    default: '`"false"`, or as the class says',
    meaning: 'Credentials by EKS Pod Identity, not by the role of the ServiceAccount. Not on Fargate.',
  },
  'preferred-address-type': {
    value: '`ipv4`, `ipv6` or `auto`',
    default: '`auto`, or as the class says',
    meaning: 'How to reach the Pod Identity agent; `auto` tries IPv4 first.',
  },
  'file-permission': {
    value: 'four octal digits in quotes',
    default: '`"0644"`',
    meaning: 'The mode of files that declare none.',
  },
  'role-arn': {
    value: 'ARN',
    default: 'none',
    meaning: "Assume this role after the pod's own, for another account.",
  },
  'external-id': { value: 'text', default: 'none', meaning: 'The external ID for `role-arn`.' },
  rotation: {
    value: 'interval',
    default: 'off',
    meaning: 'Replace changed files while the pod runs. Not yet: refused.',
    later: true,
  },
  'retry-timeout': {
    value: 'duration, `1s` to `24h`',
    default: '`30s`; `15m` where the pod never restarts',
    meaning: 'How long faults of AWS are retried inside one run.',
  },
  cpu: { value: 'quantity', default: 'what the largest app container asks for', meaning: "The init container's CPU." },
  memory: {
    value: 'quantity',
    default: 'what the largest app container asks for, or what we need if that is more',
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
  status: { value: '`injected`', default: 'set by us', meaning: 'Information only: the pod was injected.' },
} as const satisfies Record<string, Entry>;

export type AnnotationName = keyof typeof ANNOTATIONS;

/** What says that there is something to fetch. */
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
 * Whether the annotations ask for an injection. They do where one only says how, has a name that nobody knows, or has the prefix
 * in other letters: most likely the rest was forgotten or misspelt. They do, too, where `inject` is neither true nor false.
 * `declare` then refuses the pod.
 */
export function declares(annotations: Readonly<Record<string, string>>): boolean {
  const inject = parseBoolean(annotations[`${PREFIX}inject`] ?? 'true');
  if (!inject.ok) return true;
  return inject.value && Object.keys(annotations).some((key) => isOurs(key) && !ASKING_NOTHING.has(key));
}

/** Whether any annotation says what to fetch, in whatever letters, as the chart's ValidatingAdmissionPolicy has it. */
export function hasSources(annotations: Readonly<Record<string, string>>): boolean {
  return Object.keys(annotations).some((key) => SOURCE_KEYS.has(key.toLowerCase()));
}

/** Returns the annotations under our prefix, by their names without it; by the whole key where the prefix has other letters. */
export function ownAnnotations(annotations: Readonly<Record<string, string>>): Map<string, string> {
  const own = Object.entries(annotations).filter(([key]) => isOurs(key));
  return new Map(own.map(([key, value]) => [key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key, value]));
}

/** Kubernetes takes the prefix of an annotation's key in any letters, and tells keys that differ in them apart. */
export function isOurs(key: string): boolean {
  return key.slice(0, PREFIX.length).toLowerCase() === PREFIX;
}
