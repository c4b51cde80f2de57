/** The names that the injector has in a pod; others rely on them. */

export const CONTAINER = 'aws-secrets-injector';
export const SECRETS_VOLUME = 'aws-secrets';
export const TOKEN_VOLUME = 'aws-secrets-token';

/** Where the init container sees the volumes, wherever the app sees the first one. */
export const SECRETS_DIRECTORY = '/run/aws-secrets-injector/secrets';
export const TOKEN_DIRECTORY = '/run/aws-secrets-injector/token';
export const TOKEN_FILE = `${TOKEN_DIRECTORY}/token`;
