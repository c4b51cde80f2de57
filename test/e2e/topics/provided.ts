import type { Test } from 'tap';
import type { Pair } from '../../../certs/host.ts';
import { type Load, startLoad } from '../harness/admission-load.ts';
import { caBundle, certificatesIn, isTrusted, servedBy } from '../harness/certificates.ts';
import {
  injecting,
  keepLogs,
  RELEASE,
  replicas,
  rolledOut,
  upgrade,
  webhookLogs,
  webhookPods,
} from '../harness/install.ts';
import { say } from '../harness/progress.ts';
import {
  newAuthority,
  newLeaf,
  PROVIDED_SECRET,
  provide,
  reloads,
  untilBrought,
  untilShown,
} from '../harness/provided.ts';
import { createNamespace, type World } from '../harness/world.ts';

const DAY = 24 * 3600;

/** Helm leaves alone what others wrote, unless it is told: here the caBundle, and what an earlier topic restored with kubectl. */
const TAKE_OVER = '--force-conflicts';

/** Near enough to its end to be replaced by a certificate of a CA that was published just now. */
const SHORT = 61;

/** The certificate comes from a Secret that others write, under pods that are created all the time. */
export async function provided(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'provided');
  const first = await newAuthority();
  const second = await newAuthority();
  const leaf = await newLeaf(first, DAY);
  const load = startLoad(world, { namespace, perSecond: 20, seconds: 240 });
  try {
    await step(t, load, 'the release changes to it', async (t) => {
      await provide(world, { ...leaf, ca: first.cert });
      await changeTo(world, { secretName: PROVIDED_SECRET });
      await untilShown(world, leaf.cert);
      t.ok(await isTrusted(world, first.cert), 'the caBundle holds its ca.crt');
    });
    const pods = await replicas(world);
    await step(t, load, 'a broken Secret: the good pair is kept, and it is told', (t) => keepGood(t, world, leaf));
    await step(t, load, 'a new certificate, and a new CA', (t) => succeed(t, world, [first, second]));
    await t.test('all of it by the same pods, which never restarted', async (t) => {
      t.same(await replicas(world), pods);
      const containers = (await webhookPods(world)).flatMap(({ status }) => status?.containerStatuses ?? []);
      // Those of before the change may still be on their way out.
      t.same(
        containers.filter(({ restartCount }) => restartCount > 0),
        [],
      );
    });
    await step(t, load, 'certificate, key and CA are values of the chart', async (t) => {
      const { cert, key } = await newLeaf(second, DAY);
      await changeTo(world, { cert, key, caBundle: second.cert });
      await untilShown(world, cert);
      t.same(certificatesIn(await caBundle(world)).length, 1, 'the caBundle is as given');
    });
  } finally {
    const { asked, left, refused } = await load.stop();
    say(`provided: ${asked} pods, ${left} left out, ${refused.length} refused`);
    await world.kubectl.run(['delete', 'secret', PROVIDED_SECRET, '-n', RELEASE, '--ignore-not-found']);
  }
  await t.test('back to certificates of its own', async () => {
    await keepLogs(world);
    await upgrade(world);
    await rolledOut(world);
    await injecting(world);
  });
}

async function step(t: Test, load: Load, name: string, act: (t: Test) => Promise<void>): Promise<void> {
  await t.test(name, async (t) => {
    const before = load.tally.refused.length;
    await act(t);
    t.same(load.tally.refused.slice(before), [], 'no pod was refused meanwhile');
  });
}

async function changeTo(world: World, provided: object): Promise<void> {
  await keepLogs(world);
  await upgrade(world, { certificates: { mode: 'provided', provided } }, TAKE_OVER);
  await rolledOut(world);
}

async function keepGood(t: Test, world: World, { cert }: Pair): Promise<void> {
  const stranger = await newLeaf(await newAuthority(), DAY);
  await provide(world, { cert, key: stranger.key, ca: '' });
  await untilBrought(world, 'every replica to count it', async () =>
    Object.values(await reloads(world, 'kept')).every((count) => count === 1),
  );
  t.match(await webhookLogs(world), /tls\.key is missing, or does not belong to tls\.crt\. One that is in use is kept/);
  const [wanted] = certificatesIn(cert);
  for (const name of await replicas(world)) {
    t.equal((await servedBy(world, name)).fingerprint256, wanted?.fingerprint256, `${name} serves the good one`);
  }
}

/** The present certificate is made short-lived, as a new CA is otherwise published for ten minutes before it serves. */
async function succeed(t: Test, world: World, [first, second]: [Pair, Pair]): Promise<void> {
  const before = await reloads(world, 'loaded');
  const short = await newLeaf(first, SHORT);
  await provide(world, { ...short, ca: first.cert });
  await untilShown(world, short.cert);
  const { cert, key } = await newLeaf(second, DAY);
  await provide(world, { cert, key, ca: first.cert + second.cert });
  await untilShown(world, cert);
  t.ok((await isTrusted(world, first.cert)) && (await isTrusted(world, second.cert)), 'the caBundle holds both CAs');
  const expected = Object.entries(before).map(([name, count]) => [name, (count ?? 0) + 2]);
  t.same(await reloads(world, 'loaded'), Object.fromEntries(expected), 'both were counted');
}
