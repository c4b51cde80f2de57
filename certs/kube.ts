/** The Secret and the webhook configuration in the API server. Every write fails if someone else wrote first. */
import type { KubeConfig, V1MutatingWebhookConfiguration, V1Secret } from '@kubernetes/client-node';
import { AS_US, certificatesApi, type Written, written } from './api.ts';
import { publish, readBundles, readConfiguration } from './configuration.ts';
import { serviceNames } from './issue.ts';
import { type Api, apiPath } from './kubernetes/api.ts';
import { found } from './kubernetes/errors.ts';
import type { State } from './lifecycle.ts';
import { DATA_KEYS, readStored, type SecretData, type Stored, writeStored } from './stored.ts';

/** The objects that the certificates live in. */
export type Names = {
  readonly namespace: string;
  readonly secretName: string;
  readonly serviceName: string;
  readonly webhookConfigurationName: string;
};

/** The life cycle's state as it was read, with the versions that a write must still find. */
export type Seen = State & {
  readonly secret: V1Secret | undefined;
  readonly configuration: V1MutatingWebhookConfiguration | undefined;
  /** Data keys of the Secret that can't be used. */
  readonly broken: readonly string[];
};

export type Cluster = {
  see(): Promise<Seen>;
  store(seen: Seen, stored: Stored): Promise<Written>;
  publish(seen: Seen, bundle: string): Promise<Written>;
};

/** The three things that the certificates need of a cluster. */
export function connect(kubeConfig: KubeConfig, names: Names): Cluster {
  const api = certificatesApi(kubeConfig);
  return {
    see: () => see(api, names),
    store: (seen, stored) => store(api, names, seen.secret, stored),
    publish: (seen, bundle) => publish(api, seen.configuration, bundle),
  };
}

/**
 * The configuration is read before the Secret. So whoever can still write this version of the configuration has read
 * a Secret that is no older than what the caBundles hold: a replica that is late can't take a newer CA out of them.
 */
async function see(api: Api, names: Names): Promise<Seen> {
  const configuration = await readConfiguration(api, names.webhookConfigurationName);
  const secret = await found(
    api.get<V1Secret>(apiPath`/api/v1/namespaces/${names.namespace}/secrets/${names.secretName}`),
  );
  const read = secret && readStored(decode(secret));
  return {
    secret,
    configuration,
    stored: read?.stored,
    broken: read?.broken ?? [],
    bundles: readBundles(configuration),
    names: serviceNames(names.serviceName, names.namespace),
  };
}

/** Replaces our data keys in the Secret as it was read; its metadata, its type and the keys of others stay. */
async function store(api: Api, names: Names, old: V1Secret | undefined, stored: Stored): Promise<Written> {
  const { namespace, secretName: name } = names;
  if (!old) throw new Error(`there is no Secret ${name} to write into, and the webhook may not make one`);
  const { managedFields: _, ...metadata } = old.metadata ?? {};
  const foreign = Object.entries(old.data ?? {}).filter(([key]) => !DATA_KEYS.some((ours) => ours === key));
  const body: V1Secret = {
    ...old,
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    data: { ...Object.fromEntries(foreign), ...encode(writeStored(stored)) },
  };
  const path = apiPath`/api/v1/namespaces/${namespace}/secrets/${name}`;
  return written(api.replace(path, body, AS_US), [404, 409]);
}

function decode(secret: V1Secret): SecretData {
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

function encode(data: SecretData): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}
