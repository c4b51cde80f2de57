import type { Test } from 'tap';
import { allSecrets, holdersOf, objects } from '../harness/evidence.ts';
import { RELEASE, webhookLogs } from '../harness/install.ts';
import { INJECTOR } from '../harness/pods.ts';
import type { World } from '../harness/world.ts';

/** Searches everything that the other topics left in the cluster for the secrets' values. It runs last. */
export async function canary(t: Test, world: World): Promise<void> {
  await t.test('no secret value is in any log, event, object or message', async (t) => {
    const webhook = { name: 'log of the webhook', text: [...world.oldLogs, await webhookLogs(world)].join('\n') };
    const evidence = [...world.evidence, webhook, await objects(world, RELEASE)];
    const everything = evidence.map(({ text }) => text).join('\n');
    t.ok(everything.includes(INJECTOR), 'the search sees the init containers');
    t.ok(everything.includes('e2e/absent'), 'the search sees the failures');
    t.ok(evidence.filter(({ name, text }) => name.startsWith('log') && text !== '').length > 3, 'the search sees logs');
    t.same(holdersOf(world.canary, evidence), []);
  });

  await t.test('no Kubernetes Secret was made for an app, and none of the cluster has a value', async (t) => {
    t.same(world.secretsMade, []);
    const secrets = await allSecrets(world);
    t.ok(secrets.length > 0, "the search sees the webhook's own Secret");
    t.same(holdersOf(world.canary, secrets), []);
  });
}
