import type { Test } from 'tap';
import { caBundle, certificatesIn, emptySecret, untilServed, writeCaBundle } from '../harness/certificates.ts';
import { injecting, keepLogs, RELEASE, rolledOut, webhookPods } from '../harness/install.ts';
import { until } from '../harness/progress.ts';
import type { World } from '../harness/world.ts';

/** Both replicas start at once where the Secret and the caBundle are empty, as at an installation. */
export async function firstStart(t: Test, world: World): Promise<void> {
  for (let turn = 1; turn <= world.settings.firstStarts; turn += 1) {
    await t.test(`start ${turn}: one CA, both replicas serve, and none restarts`, async (t) => {
      await keepLogs(world);
      await empty(world);
      await world.kubectl.run(['scale', 'deployment', RELEASE, '-n', RELEASE, '--replicas=2']);
      await rolledOut(world);
      const leaf = await untilServed(world);
      const trusted = certificatesIn(await caBundle(world));
      t.equal(trusted.length, 1, 'one CA');
      t.ok(
        trusted[0] && leaf.checkIssued(trusted[0]) && leaf.verify(trusted[0].publicKey),
        'which signed what both serve',
      );
      await injecting(world);
      const pods = await webhookPods(world);
      const restarts = pods.flatMap(({ status }) => status?.containerStatuses?.map(({ restartCount }) => restartCount));
      t.same(restarts, [0, 0]);
    });
  }
}

async function empty(world: World): Promise<void> {
  await world.kubectl.run(['scale', 'deployment', RELEASE, '-n', RELEASE, '--replicas=0']);
  await world.kubectl.run(['delete', 'pods', '--all', '-n', RELEASE, '--grace-period=1']);
  await until('all webhook pods to be gone', 60, async () =>
    (await webhookPods(world)).length === 0 ? true : undefined,
  );
  await emptySecret(world);
  await writeCaBundle(world, undefined);
}
