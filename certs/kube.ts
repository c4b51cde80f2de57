/** The Secret and the webhook configuration in the API server. Every write fails if someone else wrote first. */
import type {
  KubeConfig,
  V1Deployment,
  V1MutatingWebhookConfiguration,
  V1OwnerReference,
  V1Secret,
} from '@kubernetes/client-node';
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
  readonly deploymentName: string;
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
    store: async (seen, stored) => store(api, names, seen.secret, { stored, owner: await readOwner(api, names) }),
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

async function store(
  api: Api,
  names: Names,
  old: V1Secret | undefined,
  wanted: { stored: Stored; owner: V1OwnerReference | undefined },
): Promise<Written> {
  const { namespace, secretName: name } = names;
  if (!old && !wanted.owner) {
    throw new Error(
      `no Secret ${name} is made without its owner, the Deployment ${names.deploymentName}: install the chart`,
    );
  }
  const { managedFields: _, ...metadata } = old?.metadata ?? {};
  const others = (metadata.ownerReferences ?? []).filter(
    (one) => !(one.kind === 'Deployment' && one.name === names.deploymentName),
  );
  const foreign = Object.entries(old?.data ?? {}).filter(([key]) => !DATA_KEYS.some((ours) => ours === key));
  const body: V1Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: old?.type ?? 'kubernetes.io/tls',
    metadata: {
      ...metadata,
      name,
      namespace,
      ownerReferences: wanted.owner ? [...others, wanted.owner] : (metadata.ownerReferences ?? []),
    },
    data: { ...Object.fromEntries(foreign), ...encode(writeStored(wanted.stored)) },
  };
  const secrets = apiPath`/api/v1/namespaces/${namespace}/secrets`;
  return old
    ? written(api.replace(apiPath`/api/v1/namespaces/${namespace}/secrets/${name}`, body, AS_US), [404, 409])
    : written(api.create(secrets, body, AS_US), [409]);
}

/** The Secret goes when our Deployment goes. */
async function readOwner(api: Api, names: Names): Promise<V1OwnerReference | undefined> {
  const { deploymentName: name, namespace } = names;
  const deployment = api.get<V1Deployment>(apiPath`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
  const uid = (await found(deployment))?.metadata?.uid;
  return uid ? { apiVersion: 'apps/v1', kind: 'Deployment', name, uid } : undefined;
}

function decode(secret: V1Secret): SecretData {
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

function encode(data: SecretData): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}
