/**
 * Has the values that the schema adds for members that the configuration leaves out. Most pods have them, so that most patches
 * stay short.
 */
import { ENVIRONMENT_DIRECTORY, SECRETS_DIRECTORY, TOKEN_FILE } from './names.ts';

export const MODE = '0644';
export const SERVICE = 'secretsmanager';
export const DELIVERY = 'kubelet';
export const RETRY_SECONDS = 30;
export const LOG = { level: 'info' } as const;

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
  readonly log: { readonly level: string };
};

/** Returns the configuration without the members that the schema adds again when it is read. */
export function withoutDefaults(config: ConfigMembers): Members {
  const { identity, environment, log, objects } = config;
  return without(
    {
      ...config,
      identity: without(identity, { tokenFile: TOKEN_FILE }),
      objects: objects.map(shortObject),
      environment: environment && without(environment, { directory: ENVIRONMENT_DIRECTORY, delivery: DELIVERY }),
      log: log.level === LOG.level ? undefined : log,
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

/**
 * Sets each member that has its default to undefined, which JSON leaves out. A deleted member would make the object slow to
 * read.
 */
function without(members: Members, defaults: Members): Members {
  const rest: Record<string, unknown> = { ...members };
  for (const name in defaults) if (rest[name] === defaults[name]) rest[name] = undefined;
  return rest;
}
