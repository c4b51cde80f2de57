import { randomUUID } from 'node:crypto';
import type { V1Secret } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { TLS_SECRET, untilStored } from '../harness/certificates.ts';
import { RELEASE, upgrade } from '../harness/install.ts';
import { until } from '../harness/progress.ts';
import { type Outcome, run } from '../harness/run.ts';
import type { World } from '../harness/world.ts';

const WEBHOOK = `system:serviceaccount:${RELEASE}:${RELEASE}`;

/** Whoever has taken over the webhook tries to get the token of another ServiceAccount of its namespace. */
export async function webhookRights(t: Test, world: World): Promise<void> {
  const find = () => world.kubectl.find<V1Secret>('secret', RELEASE, TLS_SECRET);

  await t.test('its own Secret can be given to an owner that does not exist, and is deleted', async (t) => {
    const { metadata, ...secret } = (await find()) ?? {};
    const nobody = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: randomUUID() };
    const orphaned = { ...secret, metadata: { ...metadata, ownerReferences: [nobody] } };
    t.match(await asWebhook(world, ['replace', '-f', '-'], orphaned), { code: 0 });
    await until('the garbage collector to delete it', 60, async () => ((await find()) ? undefined : true));
  });

  await t.test('it can not be made again as a token of another ServiceAccount, in any way', async (t) => {
    const token = tokenSecret(TLS_SECRET);
    const forbidden = { code: 1, stderr: /forbidden/ };
    t.match(await asWebhook(world, ['create', '-f', '-'], token), forbidden);
    t.match(await asWebhook(world, ['apply', '--server-side', '-f', '-'], token), forbidden);
    t.match(await asWebhook(world, ['create', '-f', '-'], tokenSecret('another-name')), forbidden);
    t.match(await asWebhook(world, ['create', 'token', 'default', '-n', RELEASE]), forbidden);
    t.equal(await find(), undefined);
  });

  await t.test('once the chart is installed again, its type can not be changed to one of a token', async (t) => {
    await upgrade(world);
    await untilStored(world, 'a Secret with a certificate', (data) => Boolean(data['tls.crt']));
    const { metadata } = (await find()) ?? {};
    const token = { ...tokenSecret(TLS_SECRET), metadata: { ...metadata, ...tokenSecret(TLS_SECRET).metadata } };
    t.match(await asWebhook(world, ['replace', '-f', '-'], token), { code: 1, stderr: /field is immutable/ });
    t.notOk((await find())?.data?.['token']);
  });

  await t.test('it can read no other Secret, and list none', async (t) => {
    const forbidden = { code: 1, stderr: /forbidden/ };
    t.match(await asWebhook(world, ['get', 'secrets', '-n', RELEASE]), forbidden);
    t.match(await asWebhook(world, ['get', 'secret', 'another-name', '-n', RELEASE]), forbidden);
  });
}

/** Returns a Secret that the API server fills with a token of the ServiceAccount `default` of the webhook's namespace. */
function tokenSecret(name: string) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: RELEASE, annotations: { 'kubernetes.io/service-account.name': 'default' } },
    type: 'kubernetes.io/service-account-token',
  };
}

/** Runs kubectl with the rights of the webhook's ServiceAccount. */
function asWebhook(world: World, args: readonly string[], input?: object): Promise<Outcome> {
  const text = input && JSON.stringify(input);
  return run(world.kubectl.program, ['--request-timeout=60s', '--as', WEBHOOK, ...args], text);
}
