/** Lists everything that stops the injector. docs/errors.md is generated from it. */
import { AWS_FAILURES } from './aws/failures.ts';
import { SYNC_FAILURES } from './sync/failures.ts';

type Entry = {
  /**
   * 2 means that the configuration is wrong, 10 that the failure is permanent, and 20 that it is transient and the retries are
   * used up.
   */
  readonly exitCode: 2 | 10 | 20;
  readonly cause: string;
  readonly fix: string;
};

/** Has the exit code, the usual cause and the usual fix for each code. */
export const FAILURES = {
  ASI_CFG_USAGE: {
    exitCode: 2,
    cause: 'The injector was started with an argument that this version does not know.',
    fix: 'Remove args from the container aws-secrets-injector: the webhook writes those that it needs. aws-secrets-injector --help lists all.',
  },
  ASI_CFG_MISSING: {
    exitCode: 2,
    cause:
      'The webhook writes the configuration of the container. Here somebody else made the container, or removed the variable.',
    fix: 'Remove the container aws-secrets-injector from your manifest, annotate the pod, and let the webhook add the container.',
  },
  ASI_CFG_INVALID: {
    exitCode: 2,
    cause: 'The configuration has a form that this version of the injector does not read.',
    fix: 'Give the chart value injector.image the release that the webhook has, then recreate the pod.',
  },
  ASI_CFG_PATH: {
    exitCode: 2,
    cause: 'A file would not stay inside the volume, or its name is not possible.',
    fix: 'Correct the path in files, or the objectAlias in objects: it has to be relative, without empty parts, "." and "..", and each part has at most 255 bytes.',
  },
  ASI_CFG_COLLISION: {
    exitCode: 2,
    cause: 'Two declarations write the same file or variable, or a file is also the folder of another.',
    fix: 'Give one of the two another objectAlias, path or variable name.',
  },
  ASI_CFG_ENV_FILE: {
    exitCode: 2,
    cause:
      'Variables of env-from, and those of env that neither the kubelet nor a shell sets, are only written to an env file.',
    fix: 'Add the annotation aws-secrets-injector.dev/env-file: app.env, or aws-secrets-injector.dev/env-delivery: shell.',
  },
  ASI_CFG_FAILOVER: {
    exitCode: 2,
    cause: 'The second region is asked where the first one fails, so it has to be another one.',
    fix: 'Set another region with the annotation aws-secrets-injector.dev/failover-region (failoverRegion in a SecretProviderClass), or remove it.',
  },
  ASI_CFG_CA: {
    exitCode: 10,
    cause:
      "The ConfigMap of the chart value aws.caBundleConfigMap holds no certificate authority in the pod's namespace.",
    fix: 'Write certificates in PEM into the named key of the ConfigMap in this namespace, then recreate the pod.',
  },
  ...AWS_FAILURES,
  ASI_OUT_JSON: {
    exitCode: 10,
    cause: 'A part can only be taken from a value that is JSON.',
    fix: 'Store the value as JSON, or take it whole: leave # and the path out of the reference, or jmesPath out of objects.',
  },
  ASI_OUT_JMES_PATH: {
    exitCode: 10,
    cause: 'The path is not a valid JMESPath expression.',
    fix: 'Correct the path after # in the reference, or in jmesPath: a key with other characters than letters, digits and _ needs double quotes.',
  },
  ASI_OUT_JMES_MISSING: {
    exitCode: 10,
    cause: 'The path points to nothing in the value.',
    fix: 'Use one of the keys that exist, or add the key to the secret.',
  },
  ASI_OUT_JMES_TYPE: {
    exitCode: 10,
    cause: 'The path points to something that is not text.',
    fix: 'In the annotation objects, write type: any below path, which keeps the digits of the source. In a SecretProviderClass, write path: to_string(PATH), which rounds numbers of more than 16 digits and writes 1.10 as 1.1.',
  },
  ASI_OUT_JSON_NULL: {
    exitCode: 10,
    cause: 'Neither a file nor a variable can have null.',
    fix: 'Store a text in its place, or remove the key from the secret: optional and default hold only where there is no key.',
  },
  ASI_OUT_EXPANSION: {
    exitCode: 10,
    cause: 'Each key becomes a variable or a file, but the value is not a JSON object.',
    fix: 'Store a JSON object, or take the whole value: with env instead of env-from, or without expand.',
  },
  ASI_OUT_KEY_COLLISION: {
    exitCode: 10,
    cause: 'Two keys of one JSON object become the same variable.',
    fix: 'Leave one of the keys out with exclude in env-from, rename it, or name the variables one by one with env.',
  },
  ASI_OUT_NAME: {
    exitCode: 10,
    cause: "The env file's format has no way to write this variable's name.",
    fix: 'Rename the variable or key, or use env-file-format: json.',
  },
  ASI_OUT_VALUE: {
    exitCode: 10,
    cause: "The env file's format has no way to write this variable's value.",
    fix: 'Use another env-file-format, or write the value to a file of its own.',
  },
  ASI_OUT_KEY_NAME: {
    exitCode: 10,
    cause: 'Each key becomes a file, but this key can not be the name of a file.',
    fix: 'Rename the key, or name the keys that you need in files, each with a path of its own.',
  },
  ASI_OUT_FILE_COLLISION: {
    exitCode: 10,
    cause: 'A key becomes a file that another key or declaration writes, or that is a folder of another.',
    fix: 'Rename the key, or give the folder another path.',
  },
  ASI_OUT_TOO_MANY: {
    exitCode: 10,
    cause: 'With jmesPath or expand, each object that a search finds becomes several files, and these are too many.',
    fix: 'Write a narrower path, prefix or tags, or name in jmesPath the parts that the app needs, in place of expand.',
  },
  ASI_OUT_FILTER: {
    exitCode: 10,
    cause: 'The filter of the template does not accept this value.',
    fix: 'Use another filter, or correct the value.',
  },
  ASI_ENV_VALUE: {
    exitCode: 10,
    cause: "The kubelet's grammar has no way to write this variable's name or value.",
    fix: 'Set aws-secrets-injector.dev/env-delivery: shell; each container that gets variables needs a command in the pod for that. Or deliver the value as a file (aws-secrets-injector.dev/files).',
  },
  ASI_ENV_SIZE: {
    exitCode: 10,
    cause: 'Linux starts no process with a variable above 128 KiB or with too many bytes of variables.',
    fix: 'Write the largest values to files: move them from the annotation env or env-from to aws-secrets-injector.dev/files.',
  },
  ASI_ENV_UNSUPPORTED: {
    exitCode: 10,
    cause: "This node's kubelet is older than 1.35 and sets an empty string where a variable comes from a file.",
    fix: 'Upgrade the node to 1.35 or newer. Or set the annotation aws-secrets-injector.dev/env-delivery: shell; each container that gets variables needs a command in the pod for that. Or set env-delivery: file and env-file: NAME.',
  },
  ASI_OUT_UNSAFE: {
    exitCode: 10,
    cause: 'The volume has something at this path that the injector did not write.',
    fix: 'Recreate the pod; nothing but the injector may write to the volume.',
  },
  ASI_OUT_NO_SPACE: {
    exitCode: 10,
    cause: 'The volume is too small for the files.',
    fix: 'Declare less: a narrower path, prefix or tags in a search, or single keys (NAME#KEY) in place of whole secrets. The webhook sets the sizes of its volumes itself, by what is declared.',
  },
  ASI_OUT_WRITE: {
    exitCode: 20,
    cause: 'A file could not be written.',
    fix: 'Recreate the pod. If it happens again, look in kubectl get pod -o yaml for what another webhook changed: the volumes or the securityContext of the container aws-secrets-injector.',
  },
  ASI_OUT_PARTIAL: {
    exitCode: 20,
    cause: 'The system refused the last step half-way: some files are new and others are not.',
    fix: 'Wait if the container starts again, as it repeats the step. Otherwise recreate the pod.',
  },
  ...SYNC_FAILURES,
  ASI_ROT_NOTIFY: {
    exitCode: 20,
    cause: 'The app did not take the request of the annotation rotation-notify.',
    fix: 'No action is needed while the app starts. If it goes on, let the app listen at this address and answer POST with a status of 2xx.',
  },
  ASI_ROT_SIGNAL: {
    exitCode: 20,
    cause: 'A process may only be signalled by one of the same uid.',
    fix: 'Give the container the runAsUser of the injected one, or use the annotation rotation-notify.',
  },
  ASI_ROT_STATE: {
    exitCode: 20,
    cause: "The injector's own volume is missing or full.",
    fix: 'Recreate the pod, so that the webhook injects it anew.',
  },
  ASI_STOPPED: {
    exitCode: 20,
    cause: 'The pod was stopped before all files were complete, so that none was written.',
    fix: 'No action is needed. If it happens again, kubectl get events says what stops the pod.',
  },
  ASI_UNEXPECTED: {
    exitCode: 20,
    cause: 'This is a defect of the injector.',
    fix: 'Report it with the log of the container aws-secrets-injector, which has no secret values.',
  },
} as const satisfies Record<string, Entry>;

export type FailureCode = keyof typeof FAILURES;

/** Describes one thing that went wrong, for people. No member ever has a secret value, or a part of one. */
export type Failure = {
  readonly code: FailureCode;
  /** The name of an object, a path or a variable. */
  readonly subject: string;
  /** The event, in ASCP's own words if it has any. */
  readonly headline: string;
  /** The cause. It is absent if the catalogue's cause says it. */
  readonly cause?: string;
  /** The way out. It is absent if the catalogue's fix says it. */
  readonly fix?: string;
};

/** Stops a run at once, with the failures to report. */
export class InjectorError extends Error {
  override name = 'InjectorError';
  readonly failures: readonly Failure[];

  constructor(failures: readonly Failure[]) {
    super(failures.map((failure) => failure.code).join(', '));
    this.failures = failures;
  }
}

/**
 * Returns the exit code of the process: a wrong configuration counts more than a permanent failure, and that more than a
 * transient one.
 */
export function exitCode(failures: readonly Failure[]): 0 | 2 | 10 | 20 {
  const codes = failures.map((failure) => FAILURES[failure.code].exitCode);
  if (codes.includes(2)) return 2;
  if (codes.includes(10)) return 10;
  return codes.length > 0 ? 20 : 0;
}
