/**
 * Has the names of variables, folders and files that the webhook gives to the containers, and that the injector reads or
 * writes.
 */

/** Names the init container's environment variable that holds the encoded configuration. */
export const CONFIG_ENV = 'AWS_SECRETS_INJECTOR_CONFIG';

/**
 * Names the init container's environment variable that holds the pod's name. It comes from the downward API, as a pod with
 * `generateName` has no name yet at admission.
 */
export const POD_NAME_ENV = 'AWS_SECRETS_INJECTOR_POD_NAME';

/**
 * Names the injected container's environment variable that holds the pod's uid, which only the API server knows. It is there
 * only in pods with `sync`.
 */
export const POD_UID_ENV = 'AWS_SECRETS_INJECTOR_POD_UID';

/** Says where the init container sees the volume of files, wherever the app mounts it. */
export const SECRETS_DIRECTORY = '/run/aws-secrets-injector/secrets';

/** Says where the init container sees the volume of the files that containers mount one by one, each at a path of its own. */
export const FILES_DIRECTORY = '/run/aws-secrets-injector/files';

/** Says where the init container sees the volume of variables. */
export const ENVIRONMENT_DIRECTORY = '/run/aws-secrets-injector/environment';

/** Says where the init container sees its ServiceAccount token. */
export const TOKEN_DIRECTORY = '/run/aws-secrets-injector/token';
export const TOKEN_FILE = `${TOKEN_DIRECTORY}/token`;

/** Names the audience of the token that STS takes, unless the cluster's IAM OIDC provider has another client ID. */
export const AUDIENCE = 'sts.amazonaws.com';

/** Says where the init container sees the CA bundle of a ConfigMap. */
export const CA_DIRECTORY = '/run/aws-secrets-injector/ca';
export const CA_FILE = `${CA_DIRECTORY}/ca.crt`;

/**
 * Says where the injected container sees its ServiceAccount token for the API server, and the certificate authority of that
 * server. They are there only in pods with `sync`.
 */
export const KUBERNETES_DIRECTORY = '/run/aws-secrets-injector/kubernetes';
export const KUBERNETES_TOKEN_FILE = `${KUBERNETES_DIRECTORY}/token`;
export const KUBERNETES_CA_FILE = `${KUBERNETES_DIRECTORY}/ca.crt`;

/**
 * Names the folder of the volume of variables that a container with the shell delivery mounts. It holds {@link SHELL_FILE}
 * alone: the files beside the folder are for other containers.
 */
export const SHELL_FOLDER = 'shell';

/** Names the file in {@link SHELL_FOLDER} that a container with the shell delivery sources before its command. */
export const SHELL_FILE = 'environment.sh';

/**
 * Returns the folder of the volume of variables that a container mounts in place of {@link SHELL_FOLDER} if it has variables of
 * its own: those that replace synced Secrets, which no other container may see.
 */
export function shellFolderOf(container: string): string {
  return `.containers/${container}`;
}

/**
 * Names the shell variable that lists the variables that the container sets itself, each between spaces: the file leaves those
 * as they are.
 */
export const SHELL_KEEP = 'aws_secrets_injector_keep';

/**
 * Proves that the kubelet delivers variables by fileKeyRef. An older kubelet sets an empty text and starts the container
 * all the same. The second init container reads the variable `key` from the file `path`, and fails unless it has `value`.
 */
export const SENTINEL = { path: '.sentinel', key: 'AWS_SECRETS_INJECTOR_SENTINEL', value: 'delivered' } as const;

/** Names the injector's option, without the `--`, with which the second init container only reads the sentinel. */
export const SENTINEL_OPTION = 'sentinel';
