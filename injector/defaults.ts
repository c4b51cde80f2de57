/** What holds where the configuration's text says nothing: most pods say the same, and their patches stay short. */

/** Where the init container sees the volumes, wherever the app sees the first one. */
export const SECRETS_DIRECTORY = '/run/aws-secrets-injector/secrets';
export const ENVIRONMENT_DIRECTORY = '/run/aws-secrets-injector/environment';
export const TOKEN_DIRECTORY = '/run/aws-secrets-injector/token';
export const TOKEN_FILE = `${TOKEN_DIRECTORY}/token`;
/** Where the init container sees the CA bundle of a ConfigMap. */
export const CA_DIRECTORY = '/run/aws-secrets-injector/ca';
export const CA_FILE = `${CA_DIRECTORY}/ca.crt`;

export const MODE = '0644';
export const SERVICE = 'secretsmanager';
export const DELIVERY = 'kubelet';
export const RETRY_SECONDS = 30;
export const LOG = { level: 'info', format: 'json' } as const;

type Members = Readonly<Record<string, unknown>>;

type ObjectMembers = {
  readonly files?: readonly Members[] | undefined;
  readonly folders?: readonly Members[] | undefined;
  readonly environment?: readonly { readonly path: string }[] | undefined;
};

type ConfigMembers = {
  readonly identity: Members;
  readonly objects: readonly ObjectMembers[];
  readonly environment?: Members | undefined;
  readonly log: { readonly level: string; readonly format: string };
};

/** The configuration without what the schema adds again. */
export function withoutDefaults(config: ConfigMembers): Members {
  const { identity, environment, log, objects } = config;
  return without(
    {
      ...config,
      identity: without(identity, { tokenFile: TOKEN_FILE }),
      objects: objects.map(shortObject),
      environment: environment && without(environment, { directory: ENVIRONMENT_DIRECTORY, delivery: DELIVERY }),
      log: log.level === LOG.level && log.format === LOG.format ? undefined : without(log, LOG),
    },
    { directory: SECRETS_DIRECTORY, retryTimeoutSeconds: RETRY_SECONDS },
  );
}

function shortObject(object: ObjectMembers): Members {
  const { files, folders, environment } = object;
  const short = {
    ...object,
    files: files?.map((file) => without(file, { mode: MODE })),
    folders: folders?.map((folder) => without(folder, { mode: MODE })),
    environment: environment?.map((entry) => without(entry, { key: entry.path })),
  };
  return without(short, { service: SERVICE });
}

/** A member that is undefined is none in JSON; taken out, it would make the object one that is slow to read. */
function without(members: Members, defaults: Members): Members {
  const rest: Record<string, unknown> = { ...members };
  for (const name in defaults) if (rest[name] === defaults[name]) rest[name] = undefined;
  return rest;
}
