/** Has one row for each annotation under our prefix. The row says how it is read, and is its line in docs/annotations.md. */
import { LOG_LEVELS } from '../../injector/contract/config.ts';
import { ENV_FILE_FORMATS } from '../../injector/contract/env-file-formats.ts';
import { FILTERS } from '../../injector/contract/filters.ts';
import { choiceOf, type Row } from './annotation-row.ts';
import { parseFilePath, pathTranslation } from './paths.ts';
import { parseExternalId, parseRoleArns } from './role-arns.ts';
import { ROTATION_ANNOTATIONS } from './rotation-annotations.ts';
import * as values from './values.ts';

export const ANNOTATIONS = {
  inject: {
    value: '`"true"` or `"false"`',
    default: 'on, if anything is declared',
    meaning:
      '`"false"` switches the injection off. `"true"` also takes over CSI volumes of provider `aws`, on every kind of node.',
    parse: values.parseBoolean,
    exact: true,
  },
  objects: {
    value: 'YAML list',
    default: 'none',
    meaning:
      "The `objects` of the Secrets Store CSI driver's AWS provider: objectName, objectType, objectAlias, objectVersion, objectVersionLabel, filePermission, failoverObject, jmesPath. Besides: `optional`, `default`, `type: any`, `expand: true` (each key becomes a file), `rename`, and in place of objectName `path` (Parameter Store, also with `tags`) or `prefix` and `tags` (Secrets Manager), and `regexp`.",
    source: true,
  },
  files: {
    value: 'YAML map, path → reference, or → `{from: reference, key, rename, optional, default, mode}`',
    default: 'none',
    meaning:
      'Files in the mount. Sub-folders are made. A path that begins with `/` is mounted alone, beside what is there.',
    source: true,
  },
  env: {
    value:
      'YAML map, variable → reference, or → `{from: reference, key, rename, optional, default}`, or → `{template: text}` as in `templates`',
    default: 'none',
    meaning: 'Environment variables of the containers. `env-delivery` says how they get there.',
    source: true,
  },
  'env-from': {
    value:
      'YAML list of references, or of `{from: reference, prefix: text, names: upper, exclude: [key], rename: [step], optional: true}`; `search` may stand in place of `from`',
    default: 'none',
    meaning:
      'Each key of these JSON objects, or each parameter below `ssm:/path/`, becomes a variable. This needs `env-file` or `env-delivery: shell`.',
    source: true,
  },
  templates: {
    value: 'YAML map, path → text with `{{ reference }}` or `{{ reference | filter }}`',
    default: 'none',
    meaning: `Files made of text and values. Filters: ${FILTERS.map((filter) => `\`${filter}\``).join(', ')}. \`{{ "text" }}\` is that text.`,
    source: true,
  },
  'secret-provider-class': {
    value: 'names, comma-separated',
    default: 'none',
    meaning: "SecretProviderClass objects of provider `aws` in the pod's namespace, whose parameters are used.",
    source: true,
    parse: values.parseClassNames,
  },
  'external-secret': {
    value: 'names, comma-separated',
    default: 'none',
    meaning:
      "ExternalSecret objects in the pod's namespace that read from AWS. The pod's references to their Secrets are replaced by the values: [External Secrets](external-secrets.md).",
    source: true,
    parse: values.parseExternalSecrets,
  },
  'mount-path': {
    value: 'absolute path',
    fallback: '/mnt/secrets-store',
    meaning: 'The folder in which files appear, read-only.',
    parse: values.parseMountPath,
    exact: true,
    option: 'mountPath',
  },
  containers: {
    value: 'names, comma-separated',
    default: 'all that the pod has when first seen',
    meaning:
      'The containers and init containers that get the mount and the variables. A name that is nearly that of another container is refused; any other unknown one is warned of, as another webhook may add its container later.',
    parse: values.parseContainers,
    option: 'containers',
  },
  position: {
    value: '`first`, `last` or `after:NAME`',
    fallback: 'first',
    meaning:
      'The place of the injected container among the init containers. Those that run earlier get nothing. If no container is called NAME, it comes first, and moves behind NAME when another webhook adds it.',
    parse: values.parsePosition,
    option: 'position',
  },
  'env-delivery': {
    value: choiceOf(values.DELIVERIES),
    default: '`kubelet` where `env` is declared',
    meaning:
      "How `env` and references to the Secrets of a class reach the containers: the kubelet sets them (Kubernetes 1.35), the container's own `/bin/sh` sets them before the command, or `env` is only in the env file.",
    parse: values.parseDelivery,
  },
  'env-file': {
    value: 'path in the mount',
    default: 'none',
    meaning: 'The file that holds all variables.',
    parse: parseFilePath,
    exact: true,
  },
  'env-file-format': {
    value: choiceOf(ENV_FILE_FORMATS),
    default: 'by the name of the file: `dotenv` for `.env` and `.env.NAME`, `json` for `NAME.json`, else `shell`',
    meaning: 'The reader that the env file is for: [formats of env files](references.md#formats-of-env-files).',
    parse: values.parseEnvFileFormat,
  },
  region: {
    value: 'AWS region',
    default: "the class's, else the webhook's",
    meaning: 'The region of the secrets. ARNs must name it too.',
    parse: values.parseRegion,
  },
  'failover-region': {
    value: 'AWS region',
    default: "the class's, else none",
    meaning: 'A second region. Its value is used if the first one fails with a fault that may heal.',
    parse: values.parseRegion,
  },
  'failover-mode': {
    value: choiceOf(values.FAILOVER_MODES),
    default: '`both`',
    meaning: 'Whether the second region is asked at the same time, or only when the first one fails.',
    parse: values.parseFailoverMode,
  },
  batch: {
    value: '`"true"` or `"false"`',
    default: 'the chart\'s: `"false"`',
    meaning:
      'Whether current values of Secrets Manager are read twenty at a time, by BatchGetSecretValue. What a batch does not return is read by GetSecretValue.',
    parse: values.parseBoolean,
    option: 'batch',
  },
  'path-translation': {
    value: 'one character, or `False`',
    default: "the class's, else `_`",
    meaning:
      'The character that stands for `/` in the file names of `objects` and classes. `False` keeps the `/`, and makes folders.',
    parse: pathTranslation,
    exact: true,
    quoted: false,
  },
  'use-pod-identity': {
    value: '`"true"` or `"false"`',
    default: '`"false"`, or as the class says',
    meaning:
      'Whether credentials come from EKS Pod Identity instead of the role of the ServiceAccount. Not on Fargate.',
    parse: values.parseBoolean,
  },
  'preferred-address-type': {
    value: '`ipv4`, `ipv6` or `auto`',
    default: '`auto`, or as the class says',
    meaning: 'How the Pod Identity agent is reached. `auto` tries IPv4 first.',
    parse: values.parseAddressType,
  },
  'file-permission': {
    value: 'four octal digits in quotes',
    fallback: '0644',
    meaning: 'The mode of files that declare none.',
    parse: values.parseFileMode,
  },
  'role-arn': {
    value: 'ARNs, comma-separated',
    default: 'none',
    meaning:
      "A role to assume after the pod's own, for another account; or up to four, each of which is assumed with the one before it.",
    parse: parseRoleArns,
  },
  'external-id': {
    value: 'text',
    default: 'none',
    meaning: 'The external ID for `role-arn`; of several roles, for the last one.',
    parse: parseExternalId,
    quoted: false,
  },
  sync: {
    value: '`"true"` or `"false"`',
    default: "the chart's `syncSecrets`: off",
    meaning:
      'Whether the injected container makes the Kubernetes Secrets of `secretObjects`, with the ServiceAccount of the pod. References to them stay as they are.',
    parse: values.parseBoolean,
  },
  ...ROTATION_ANNOTATIONS,
  'retry-timeout': {
    value: 'duration, `1s` to `24h`',
    default: '`30s`; `15m` where the pod never restarts',
    meaning: 'How long faults of AWS are retried in one run.',
    parse: values.parseDuration,
    option: 'retryTimeoutSeconds',
  },
  cpu: {
    value: 'quantity',
    default: 'what the largest app container requests, at least `50m`',
    meaning: "The init container's CPU.",
    parse: values.parseCpu,
    option: 'cpu',
  },
  memory: {
    value: 'quantity',
    default: 'what the largest app container requests, or what the init container needs if that is more',
    meaning: "The init container's memory.",
    parse: values.parseMemory,
    option: 'memory',
  },
  'run-as-user': {
    value: 'number, not 0',
    default: "the app's, or 65532",
    meaning: 'The user that the init container runs as, and that owns the files.',
    parse: values.parseUser,
    option: 'runAsUser',
  },
  'run-as-group': {
    value: 'number',
    default: "the app's",
    meaning: 'The group of the init container.',
    parse: values.parseGroup,
    option: 'runAsGroup',
  },
  'log-level': {
    value: choiceOf(LOG_LEVELS),
    default: "the chart's",
    meaning: 'How much the init container logs.',
    parse: values.parseLogLevel,
    option: 'logLevel',
  },
  status: {
    value: '`injected`, and the warnings',
    default: 'set by us',
    meaning:
      'The pod was injected. The first warnings follow, as nobody sees those of pods that a controller creates. It is for people; nothing reads it.',
    written: true,
  },
} as const satisfies Record<string, Row>;

export type AnnotationName = keyof typeof ANNOTATIONS;
