import type { V1EnvVar, V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { read } from '../harness/files.ts';
import { type IdentityOptions, startIdentityWebhook } from '../harness/identity-webhook.ts';
import { INJECTOR, pod, podSpec, ready, sleeper } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Whoever believed one of these would reach nobody, or somebody else. */
const HOSTILE: readonly V1EnvVar[] = Object.entries({
  AWS_ACCESS_KEY_ID: 'AKIAHOSTILE',
  AWS_SECRET_ACCESS_KEY: 'hostile',
  AWS_SESSION_TOKEN: 'hostile',
  AWS_PROFILE: 'hostile',
  AWS_CONFIG_FILE: '/proc/self/environ',
  AWS_SHARED_CREDENTIALS_FILE: '/proc/self/environ',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
  AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1',
  AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/hostile',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/etc/passwd',
  AWS_ROLE_SESSION_NAME: 'hostile',
  AWS_REGION: 'ap-south-1',
  AWS_DEFAULT_REGION: 'ap-south-1',
  AWS_USE_FIPS_ENDPOINT: 'true',
  AWS_MAX_ATTEMPTS: '1',
  HTTPS_PROXY: 'http://127.0.0.1:1',
  HTTP_PROXY: 'http://127.0.0.1:1',
  NODE_OPTIONS: '--require=/nowhere.js',
}).map(([name, value]) => ({ name, value }));

/** Tests that the pod's own identity is used, whatever others put into the pod, before us or after us. */
export async function identity(t: Test, world: World): Promise<void> {
  await t.test('the EKS identity webhook ran before us', (t) => withIdentityWebhook(t, world, { name: 'a-identity' }));
  await t.test('the EKS identity webhook runs after us', (t) =>
    withIdentityWebhook(t, world, { name: 'pod-identity' }),
  );
  await t.test('a webhook after us puts hostile variables into every container, ours too', (t) =>
    withIdentityWebhook(t, world, { name: 'z-hostile', hostile: HOSTILE }),
  );

  await t.test("the app's own AWS variables stay, and mean nothing to us", async (t) => {
    const namespace = await createNamespace(world, 'hostile');
    const spec = podSpec(world, { containers: [sleeper(world, 'app', { env: [...HOSTILE] })] });
    await world.kubectl.apply(pod(namespace, 'app', { files: 'plain.txt: e2e/plain' }, spec));
    const found = await ready(world, namespace, 'app');
    t.same(found.spec?.containers[0]?.env, HOSTILE);
    await readsAsItself(t, world, namespace);
  });
}

async function withIdentityWebhook(t: Test, world: World, options: IdentityOptions): Promise<void> {
  const webhook = await startIdentityWebhook(world, options);
  try {
    const namespace = await createNamespace(world, options.name, webhook.labels);
    await world.kubectl.apply(pod(namespace, 'app', { files: 'plain.txt: e2e/plain' }, podSpec(world)));
    const found = await ready(world, namespace, 'app');
    injectedOnce(t, found);
    const app = found.spec?.containers[0];
    t.ok(
      app?.env?.some(({ name }) => name === 'AWS_ROLE_ARN'),
      'the identity webhook did its work',
    );
    t.ok(
      app?.volumeMounts?.some(({ name }) => name === 'aws-iam-token'),
      'and its mount is there',
    );
    await readsAsItself(t, world, namespace);
  } finally {
    await webhook.stop();
  }
}

function injectedOnce(t: Test, found: V1Pod): void {
  const names = (items: readonly { name: string }[] | undefined) => (items ?? []).map(({ name }) => name);
  t.same(names(found.spec?.initContainers), [INJECTOR]);
  const volumes = names(found.spec?.volumes).filter((name) => name.startsWith('aws-secrets'));
  t.same(volumes.sort(), ['aws-secrets', 'aws-secrets-token']);
  const mounts = names(found.spec?.containers[0]?.volumeMounts).filter((name) => name.startsWith('aws-secrets'));
  t.same(mounts, ['aws-secrets']);
}

async function readsAsItself(t: Test, world: World, namespace: string): Promise<void> {
  const found = await read(world, { namespace, pod: 'app', container: 'app' }, 'plain.txt');
  t.same(found, Buffer.from(world.secrets.plain));
  const session = `${namespace}.app`.slice(0, 64);
  const calls = world.aws.calls.filter(({ sessionName }) => sessionName === session);
  t.ok(
    calls.some(({ operation }) => operation === 'GetSecretValue'),
    `a call of the session ${session}`,
  );
  t.match(calls.at(-1)?.principal, new RegExp(`assumed-role/${namespace}/`));
}
