/** The Secret and the webhook configuration in the API server. Every write fails if someone else wrote first. */
import {
  AdmissionregistrationV1Api,
  ApiException,
  AppsV1Api,
  CoreV1Api,
  createConfiguration,
  type KubeConfig,
  ServerConfiguration,
  type V1MutatingWebhookConfiguration,
  type V1OwnerReference,
  type V1Secret,
} from '@kubernetes/client-node';
import { serviceNames } from './issue.ts';
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

/** `conflict`: someone else was first; read again. */
export type Written = 'done' | 'conflict';

export type Cluster = {
  see(): Promise<Seen>;
  store(seen: Seen, stored: Stored): Promise<Written>;
  publish(seen: Seen, bundle: string): Promise<Written>;
};

const REQUEST_TIMEOUT = 10_000;
const FIELD_MANAGER = 'aws-secrets-injector';

/** The three things that the certificates need of a cluster. */
export function connect(kubeConfig: KubeConfig, names: Names): Cluster {
  const configuration = clientConfiguration(kubeConfig);
  const core = new CoreV1Api(configuration);
  const apps = new AppsV1Api(configuration);
  const admission = new AdmissionregistrationV1Api(configuration);
  return {
    see: () => see(core, admission, names),
    store: async (seen, stored) => store(core, names, seen.secret, { stored, owner: await readOwner(apps, names) }),
    publish: (seen, bundle) => publish(admission, seen.configuration, bundle),
  };
}

/** An API error in one line, without the headers and the body that its own message repeats. */
export function describeError(error: unknown): string {
  if (!(error instanceof ApiException)) {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  }
  const status = typeof error.body === 'string' ? parseStatus(error.body) : error.body;
  return `the API server answered ${error.code}${status?.message ? `: ${status.message}` : ''}`;
}

/**
 * The configuration is read before the Secret. So whoever can still write this version of the configuration has read
 * a Secret that is no older than what the caBundles hold: a replica that is late can't take a newer CA out of them.
 */
async function see(core: CoreV1Api, admission: AdmissionregistrationV1Api, names: Names): Promise<Seen> {
  const configuration = await found(
    admission.readMutatingWebhookConfiguration({ name: names.webhookConfigurationName }),
  );
  const secret = await found(core.readNamespacedSecret({ name: names.secretName, namespace: names.namespace }));
  const webhooks = configuration?.webhooks ?? [];
  const read = secret && readStored(decode(secret));
  return {
    secret,
    configuration,
    stored: read?.stored,
    broken: read?.broken ?? [],
    bundles: webhooks.length > 0 ? webhooks.map((one) => fromBase64(one.clientConfig.caBundle)) : undefined,
    names: serviceNames(names.serviceName, names.namespace),
  };
}

async function store(
  core: CoreV1Api,
  names: Names,
  old: V1Secret | undefined,
  wanted: { stored: Stored; owner: V1OwnerReference | undefined },
): Promise<Written> {
  const { namespace, secretName: name } = names;
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
  const fieldManager = FIELD_MANAGER;
  return old
    ? written(core.replaceNamespacedSecret({ name, namespace, body, fieldManager }), [404, 409])
    : written(core.createNamespacedSecret({ namespace, body, fieldManager }), [409]);
}

/** A failed `test` in a JSON patch is answered with 422. */
async function publish(
  admission: AdmissionregistrationV1Api,
  configuration: V1MutatingWebhookConfiguration | undefined,
  bundle: string,
): Promise<Written> {
  const value = Buffer.from(bundle).toString('base64');
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: configuration?.metadata?.resourceVersion },
    ...(configuration?.webhooks ?? []).map((_, index) => ({
      op: 'add',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value,
    })),
  ];
  const name = configuration?.metadata?.name ?? '';
  return written(
    admission.patchMutatingWebhookConfiguration({ name, body, fieldManager: FIELD_MANAGER }),
    [404, 409, 422],
  );
}

/** The Secret goes when our Deployment goes. Without a Deployment (the CLI outside a cluster) it has no owner. */
async function readOwner(apps: AppsV1Api, names: Names): Promise<V1OwnerReference | undefined> {
  const { deploymentName: name, namespace } = names;
  const uid = (await found(apps.readNamespacedDeployment({ name, namespace })))?.metadata?.uid;
  return uid ? { apiVersion: 'apps/v1', kind: 'Deployment', name, uid } : undefined;
}

function clientConfiguration(kubeConfig: KubeConfig): ReturnType<typeof createConfiguration> {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (!server) throw new Error('the Kubernetes configuration names no current cluster');
  return createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [
      {
        pre: async (request) => {
          request.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT));
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
}

async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

async function written(answer: Promise<unknown>, conflicts: readonly number[]): Promise<Written> {
  try {
    await answer;
    return 'done';
  } catch (error) {
    if (error instanceof ApiException && conflicts.includes(error.code)) return 'conflict';
    throw error;
  }
}

function decode(secret: V1Secret): SecretData {
  return Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, fromBase64(value)]));
}

function encode(data: SecretData): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function fromBase64(text = ''): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function parseStatus(body: string): { message?: string } | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
