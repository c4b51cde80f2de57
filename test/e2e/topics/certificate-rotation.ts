import type { Test } from 'tap';
import { issueLeaf, serviceNames } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { startLoad } from '../harness/admission-load.ts';
import {
  caBundle,
  certificatesIn,
  readCertificates,
  serveTrusted,
  untilServed,
  untilStored,
  writeCertificates,
} from '../harness/certificates.ts';
import { keepLogs, RELEASE, replaced, replicas, rolledOut } from '../harness/install.ts';
import { admissions, between } from '../harness/metrics.ts';
import { say, sleep, until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

const MINUTE = 60_000;

/** Pods are created all the time while everything about the webhook changes: not one is refused. */
export async function certificateRotation(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'certificates');
  const before = await admissions(world);
  const load = startLoad(world, { namespace, perSecond: 20, seconds: 240 });
  const started = Date.now();
  const step = (name: string, act: (t: Test) => Promise<void>) =>
    t.test(name, async (t) => {
      const refusedBefore = load.tally.refused.length;
      await act(t);
      t.same(load.tally.refused.slice(refusedBefore), [], 'no pod was refused meanwhile');
    });
  try {
    await step('a certificate whose time has come is renewed', (t) => renewLeaf(t, world));
    await step('a CA whose key is lost is succeeded, and trusted on', (t) => succeedAuthority(t, world));
    await step('a rolling restart', async (t) => {
      await keepLogs(world);
      await world.kubectl.run(['rollout', 'restart', 'deployment', RELEASE, '-n', RELEASE]);
      await sleep(1000);
      await replaced(world);
      const [authority] = certificatesIn((await readCertificates(world))?.['ca.crt'] ?? '');
      t.ok(authority && (await untilServed(world)).checkIssued(authority), 'the new ones serve what the new CA signed');
    });
    await step('one replica is deleted', async () => {
      const [name = ''] = await replicas(world);
      await world.kubectl.run(['delete', 'pod', name, '-n', RELEASE]);
      await replaced(world);
    });
    await step('the replicas are evicted, as a drain does', (t) => evictAll(t, world));
  } finally {
    await load.stop();
  }
  const { asked, declaring, left, refused } = load.tally;
  const counted = between(before, await admissions(world));
  const seconds = Math.round((Date.now() - started) / 1000);
  say(
    `certificate rotation: ${asked} pods in ${seconds} s, ${left} left out, ${refused.length} refused; ${JSON.stringify(counted)}`,
  );
  await t.test('the API server counted no refusal, and nobody let in without being looked at', async (t) => {
    t.match(counted, { rejected: 0, failedOpen: 0, failedPods: 0 });
    t.ok(counted.admitted >= declaring, `${counted.admitted} of ${declaring}`);
    t.ok(declaring > seconds, 'there was a load');
  });
}

/** Stores a certificate near its end, which the webhook serves, and replaces as at any renewal. */
async function renewLeaf(t: Test, world: World): Promise<void> {
  const first = await untilServed(world);
  const stored = (await readCertificates(world)) ?? {};
  const authority = { cert: stored['ca.crt'] ?? '', key: stored['ca.key'] ?? '' };
  const names = serviceNames(RELEASE, RELEASE);
  const old = await issueLeaf(new Date(), authority, names, { ...POLICY, leafLifetime: 15 * MINUTE });
  await writeCertificates(world, { 'tls.crt': old.cert, 'tls.key': old.key });
  await untilStored(world, 'a renewed certificate', (data) => data['tls.crt'] !== old.cert);
  const renewed = await untilServed(world);
  t.not(renewed.fingerprint256, first.fingerprint256);
  t.ok(renewed.validToDate.getTime() - Date.now() > POLICY.leafLifetime - 10 * MINUTE, 'for its whole life');
  t.equal((await readCertificates(world))?.['ca.crt'], authority.cert, 'by the same CA');
}

/** The one thing that is hurried: a new CA is published for minutes before it signs, as many API servers have to hear of it. */
async function succeedAuthority(t: Test, world: World): Promise<void> {
  const { 'ca.crt': oldCa = '' } = (await readCertificates(world)) ?? {};
  await writeCertificates(world, { 'ca.key': null });
  const { 'next-ca.crt': nextCa = '' } = await untilStored(world, 'a published CA', (data) =>
    Boolean(data['next-ca.published']),
  );
  const fingerprints = certificatesIn(await caBundle(world)).map(({ fingerprint256 }) => fingerprint256);
  for (const one of certificatesIn(oldCa + nextCa)) t.ok(fingerprints.includes(one.fingerprint256), 'is trusted');
  await sleep(3000);
  await writeCertificates(world, {
    'next-ca.published': new Date(Date.now() - POLICY.overlap - MINUTE).toISOString(),
  });
  const data = await untilStored(world, 'the next CA to sign', (data) => data['ca.crt'] === nextCa);
  const [authority] = certificatesIn(nextCa);
  const [leaf] = certificatesIn(data['tls.crt'] ?? '');
  t.ok(authority && leaf?.checkIssued(authority), 'it has signed a certificate');
  await serveTrusted(t, world);
}

/** The disruption budget keeps one replica until the other has a successor. */
async function evictAll(t: Test, world: World): Promise<void> {
  const [first = '', second = ''] = await replicas(world);
  t.match(await evict(world, first), { code: 0 });
  t.match(await evict(world, second), { code: 1, stderr: /disruption budget/ });
  await until('the other replica to be evicted', 90, async () =>
    (await evict(world, second)).code === 0 ? true : undefined,
  );
  await rolledOut(world);
  const live = await replicas(world);
  t.notOk(live.includes(first) || live.includes(second), 'both are new');
}

function evict(world: World, name: string) {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: RELEASE } };
  return world.kubectl.post(`/api/v1/namespaces/${RELEASE}/pods/${name}/eviction`, eviction);
}
