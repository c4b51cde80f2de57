/** Simulates the mutation of the EKS identity webhook: a small webhook in the test's process, called by the API server. */
import { createServer } from 'node:https';
import type { V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { say } from './progress.ts';
import { MARK, roleArn, type World } from './world.ts';

const FOLDER = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const LABEL = 'aws-secrets-injector-e2e-identity';

export type IdentityWebhook = {
  /** A namespace with these labels has its pods mutated. */
  labels: Record<string, string>;
  stop(): Promise<void>;
};

export type IdentityOptions = {
  /** The name of the MutatingWebhookConfiguration. The API server calls them in the order of their names. */
  name: string;
  /** More variables for every container that lacks them. */
  hostile?: readonly V1EnvVar[];
  /** True of a webhook from before Kubernetes 1.29, which drops a member of containers that it does not know. */
  isOld?: boolean;
};

export async function startIdentityWebhook(world: World, options: IdentityOptions): Promise<IdentityWebhook> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: world.settings.hostIp }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: world.settings.hostIp }] },
    ],
  });
  const server = createServer({ key, cert }, async (request, response) => {
    const review = JSON.parse(await text(request));
    const { object, namespace } = review.request;
    const patch = mutate(object, { namespace, region: world.region, hostile: [], isOld: false, ...options });
    const answer = {
      uid: review.request.uid,
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const name = world.unique(options.name);
  const labels = { [LABEL]: name };
  const url = `https://${world.settings.hostIp}:${port}/mutate`;
  say(`identity webhook ${name} at ${url}`);
  await world.kubectl.apply(configuration({ name, url, cert, labels }));
  return {
    labels,
    async stop() {
      await world.kubectl.run(['delete', 'mutatingwebhookconfiguration', name, '--ignore-not-found']);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function configuration(options: { name: string; url: string; cert: string; labels: Record<string, string> }): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: options.name, labels: { [MARK]: '' } },
    webhooks: [
      {
        name: 'pod-identity-webhook.amazonaws.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail', // the real one ignores failures; a test wants to see them
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: options.labels },
        clientConfig: { url: options.url, caBundle: Buffer.from(options.cert).toString('base64') },
      },
    ],
  };
}

type Mutation = Required<Pick<IdentityOptions, 'hostile' | 'isOld'>> & {
  readonly namespace: string;
  readonly region: string;
};

// Changes the pod as the real one does: whole arrays are replaced, and each part is added only if it is absent.
function mutate(found: V1Pod, { namespace, region, hostile, isOld }: Mutation): object[] {
  const { containers = [], initContainers, volumes = [] } = found.spec ?? {};
  const extended = ({ restartPolicy, ...known }: V1Container) =>
    extend({ ...known, ...(restartPolicy && !isOld && { restartPolicy }) }, region, [
      ...identity(namespace),
      ...hostile,
    ]);
  const volume = {
    name: 'aws-iam-token',
    projected: {
      sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86400, path: 'token' } }],
    },
  };
  const has = volumes.some(({ name }) => name === volume.name);
  return [
    { op: 'add', path: '/spec/volumes', value: has ? volumes : [volume, ...volumes] },
    ...(initContainers ? [{ op: 'add', path: '/spec/initContainers', value: initContainers.map(extended) }] : []),
    { op: 'add', path: '/spec/containers', value: containers.map(extended) },
  ];
}

function identity(namespace: string): V1EnvVar[] {
  return [
    { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' },
    { name: 'AWS_ROLE_ARN', value: roleArn(namespace) },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${FOLDER}/token` },
  ];
}

function extend(container: V1Container, region: string, wanted: readonly V1EnvVar[]): V1Container {
  const env = container.env ?? [];
  const regional = ['AWS_DEFAULT_REGION', 'AWS_REGION'].map((name) => ({ name, value: region }));
  const hasRegion = env.some(({ name }) => regional.some((variable) => variable.name === name));
  const missing = [...(hasRegion ? [] : regional), ...wanted].filter(
    ({ name }) => !env.some((own) => own.name === name),
  );
  const mounts = container.volumeMounts ?? [];
  const mount = { name: 'aws-iam-token', mountPath: FOLDER, readOnly: true };
  const mounted = mounts.some(({ name }) => name === mount.name);
  return { ...container, env: [...env, ...missing], volumeMounts: mounted ? mounts : [...mounts, mount] };
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
