import type { Test } from 'tap';
import { objects } from '../harness/evidence.ts';
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
    const leaks = evidence.filter(({ text }) => forms(world.canary).some((form) => text.includes(form)));
    t.same(
      leaks.map(({ name }) => name),
      [],
    );
  });

  await t.test('no Kubernetes Secret was made for an app', async (t) => {
    t.same(world.secretsMade, []);
  });
}

/** Returns the canary as text, in base64 at each of the three offsets, and in hex. */
function forms(canaryText: string): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(canaryText)]).toString('base64');
    return encoded.slice(Math.ceil((offset * 8) / 6), -4);
  });
  return [canaryText, ...base64, Buffer.from(canaryText).toString('hex')];
}
