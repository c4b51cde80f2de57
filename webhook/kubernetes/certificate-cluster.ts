/**
 * Reads, writes and watches the Secret and the webhook configuration of the certificates. A write fails if somebody else has
 * written since the read.
 */
import type {
  KubeConfig,
  V1MutatingWebhookConfiguration,
  V1Secret,
  V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node';
import type { Cluster, ConfigurationSnapshot, SecretSnapshot, Stored, Written } from '../../certs/host.ts';
import { backoff } from './backoff.ts';
import { apiPath, type Client, createClient, PAGE_TIMEOUT_MS } from './client.ts';
import { describeError, found, isAnswer } from './errors.ts';
import { follow, type Log } from './informer.ts';
import { listAll, METADATA, METADATA_LIST } from './list.ts';

/** The name under which the API server records what this program writes. */
const WRITER = { fieldManager: 'aws-secrets-injector' } as const;

const REQUEST_TIMEOUT_MS = 10_000;

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';

type Configuration = V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration;

/** Returns the objects that the certificates live in. A watch that fails is logged. */
export function certificateCluster(kubeConfig: KubeConfig, log: Log): Cluster {
  const client = createClient(kubeConfig, REQUEST_TIMEOUT_MS);
  const lists = createClient(kubeConfig, PAGE_TIMEOUT_MS);
  const watch = (collection: string, name: string) => async (onChange: () => void, signal: AbortSignal) => {
    const path = `${collection}?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;
    await follow({
      ...{ kubeConfig, log, signal, resource: collection.split('/').at(-1) ?? '', accept: METADATA },
      list: () => listAll(lists, { path, accept: METADATA_LIST }, () => undefined),
      replace: onChange,
      changed: onChange,
    });
  };
  const configuration = (resource: string, name: string): Stored<ConfigurationSnapshot> => {
    const collection = `${REGISTRATION}/${resource}`;
    const path = `${collection}/${apiPath`${name}`}`;
    return { read: () => described(readConfiguration(client, path)), watch: watch(collection, name) };
  };
  return {
    backoff,
    secret(namespace, name): Stored<SecretSnapshot> {
      const collection = apiPath`/api/v1/namespaces/${namespace}/secrets`;
      const path = `${collection}/${apiPath`${name}`}`;
      return { read: () => described(readSecret(client, path)), watch: watch(collection, name) };
    },
    configuration: (name) => configuration('mutatingwebhookconfigurations', name),
    validatingConfiguration: (name) => configuration('validatingwebhookconfigurations', name),
  };
}

async function readSecret(client: Client, path: string): Promise<SecretSnapshot | undefined> {
  const secret = await found(client.get<V1Secret>(path));
  return secret && { data: decode(secret), write: (changes) => described(writeSecret(client, path, secret, changes)) };
}

/** Sends the whole Secret as it was read, with its resourceVersion: the API server refuses it (409) where that is not the newest. */
async function writeSecret(
  client: Client,
  path: string,
  secret: V1Secret,
  changes: Parameters<SecretSnapshot['write']>[0],
): Promise<Written> {
  const { managedFields: _, ...metadata } = secret.metadata ?? {};
  const data = new Map(Object.entries(secret.data ?? {}));
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) data.delete(key);
    else data.set(key, Buffer.from(value).toString('base64'));
  }
  const body: V1Secret = { ...secret, apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(data) };
  return orConflict(client.replace(path, body, WRITER), [404, 409]);
}

async function readConfiguration(client: Client, path: string): Promise<ConfigurationSnapshot | undefined> {
  const configuration = await found(client.get<Configuration>(path));
  const webhooks = configuration?.webhooks ?? [];
  if (webhooks.length === 0) return undefined;
  const bundles = webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
  const version = configuration?.metadata?.resourceVersion;
  return {
    bundles,
    publish: (bundle) => described(publish(client, path, { version, count: webhooks.length, bundle })),
  };
}

type Publication = { readonly version: string | undefined; readonly count: number; readonly bundle: string };

async function publish(client: Client, path: string, { version, count, bundle }: Publication): Promise<Written> {
  const value = Buffer.from(bundle).toString('base64');
  const operations = [
    { op: 'test', path: '/metadata/resourceVersion', value: version },
    ...Array.from({ length: count }, (_, index) => ({
      op: 'add',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value,
    })),
  ];
  try {
    return await orConflict(client.patch(path, operations, WRITER), [404, 409]);
  } catch (error) {
    if (!isAnswer(error, 422)) throw error;
    // The `test` of a JSON Patch fails with 422, and so does what the API server finds invalid: only the version tells which.
    const now = await found(client.get<Configuration>(path));
    if (now?.metadata?.resourceVersion === version) throw error;
    return 'conflict';
  }
}

/** Returns what became of a write; throws what is refused with another status than these. */
async function orConflict(answer: Promise<void>, conflicts: readonly number[]): Promise<Written> {
  try {
    await answer;
    return 'done';
  } catch (error) {
    if (isAnswer(error, ...conflicts)) return 'conflict';
    throw error;
  }
}

/** Gives an error a message that tells all of it in one line. */
async function described<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new Error(describeError(cause), { cause });
  }
}

function decode(secret: V1Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
