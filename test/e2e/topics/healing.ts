import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { issueAuthority } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { startLoad } from '../harness/admission-load.ts';
import {
  certificatesIn,
  emptySecret,
  isTrusted,
  readCertificates,
  serveTrusted,
  TLS_SECRET,
  untilStored,
  writeCaBundle,
  writeCertificates,
} from '../harness/certificates.ts';
import { injecting, RELEASE, replaced, replicas, upgrade, webhookLogs } from '../harness/install.ts';
import { replicaMetric } from '../harness/metrics.ts';
import { sleep, until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Somebody deletes or overwrites what the webhook keeps in the cluster. */
export async function healing(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'healing');

  await t.test('the Secret is emptied: another CA, and no pod is refused', async (t) => {
    const { 'ca.crt': old = '' } = (await readCertificates(world)) ?? {};
    const load = startLoad(world, { namespace, perSecond: 10, seconds: 90 });
    await emptySecret(world);
    const stored = await untilStored(world, 'a Secret with a certificate', (data) => Boolean(data['tls.crt']));
    await untilTrusted(world, stored['ca.crt'] ?? '');
    await sleep(2000);
    t.not(stored['ca.crt'], old);
    t.same((await load.stop()).refused, []);
  });

  await t.test('the Secret is deleted: the certificate in use is kept, and a metric tells', async (t) => {
    const load = startLoad(world, { namespace, perSecond: 10, seconds: 90 });
    await world.kubectl.run(['delete', 'secret', TLS_SECRET, '-n', RELEASE]);
    t.ok(await untilMetric(world, 'certificate_kept', 1));
    await sleep(2000);
    t.equal(await readCertificates(world), undefined, 'it is not made again');
    t.match(await webhookLogs(world), `kubectl create secret generic ${TLS_SECRET} -n ${RELEASE}`);
    t.same((await load.stop()).refused, []);
  });

  await t.test('the chart is installed again: the Secret is there and filled, and no pod is refused', async (t) => {
    const load = startLoad(world, { namespace, perSecond: 10, seconds: 90 });
    await upgrade(world);
    await replaced(world); // another topic may have left other values
    const stored = await untilStored(world, 'a Secret with a certificate', (data) => Boolean(data['tls.crt']));
    await untilTrusted(world, stored['ca.crt'] ?? '');
    t.ok(await untilMetric(world, 'certificate_kept', 0));
    await upgrade(world);
    t.same(await readCertificates(world), stored, 'another upgrade leaves its content alone');
    t.same((await load.stop()).refused, []);
  });

  await t.test('what is broken in the Secret is replaced, and no pod is refused', async (t) => {
    const load = startLoad(world, { namespace, perSecond: 10, seconds: 90 });
    await writeCertificates(world, { 'tls.crt': 'half a certif', 'tls.key': '' });
    await untilStored(world, 'a whole certificate', (data) => certificatesIn(data['tls.crt'] ?? '').length === 1);
    await sleep(2000);
    await serveTrusted(t, world);
    t.same((await load.stop()).refused, []);
  });

  await t.test('the caBundle is overwritten: it is put right, and pods are injected again', async (t) => {
    const { 'ca.crt': ours = '' } = (await readCertificates(world)) ?? {};
    const stranger = await issueAuthority(new Date(), POLICY);
    await writeCaBundle(world, stranger.cert);
    await untilTrusted(world, ours);
    await injecting(world);
    t.equal((await readCertificates(world))?.['ca.crt'], ours, 'with the same CA');
  });

  await t.test('the configuration is deleted: its metric says so, and it stays deleted', async (t) => {
    const kind = 'mutatingwebhookconfiguration';
    const find = () => world.kubectl.find<V1MutatingWebhookConfiguration>(kind, 'default', RELEASE);
    const kept = await find();
    await world.kubectl.run(['delete', kind, RELEASE]);
    t.ok(await untilMetric(world, 'webhook_configuration_present', 0));
    await sleep(3000);
    t.equal(await find(), undefined);
    await world.kubectl.apply(fresh(kept));
    t.ok(await untilMetric(world, 'webhook_configuration_present', 1));
    await injecting(world);
  });
}

/** Returns the configuration as an installer applies it, without a caBundle. */
function fresh(found: V1MutatingWebhookConfiguration | undefined): object {
  const { name, labels, annotations } = found?.metadata ?? {};
  const webhooks = found?.webhooks?.map(({ clientConfig: { caBundle: _, ...clientConfig }, ...webhook }) => ({
    ...webhook,
    clientConfig,
  }));
  return { apiVersion: found?.apiVersion, kind: found?.kind, metadata: { name, labels, annotations }, webhooks };
}

/** Waits until the API server trusts this CA. */
function untilTrusted(world: World, authority: string): Promise<true> {
  return until('the caBundle to hold the CA', 60, async () => (await isTrusted(world, authority)) || undefined);
}

/** Until every replica's metric has this value. */
function untilMetric(world: World, metric: string, value: number): Promise<true> {
  const name = `aws_secrets_injector_${metric}`;
  return until(`${name} ${value}`, 60, async () => {
    const pods = await replicas(world);
    const values = await Promise.all(pods.map((pod) => replicaMetric(world, pod, name)));
    return values.every((found) => found === value) ? true : undefined;
  });
}
