import t from 'tap';
import { createLog } from '../../../injector/log.ts';
import { createRedactor } from '../../../injector/redactor.ts';
import { Secret } from '../../../injector/secret.ts';
import { syncSecrets } from '../../../injector/sync/sync.ts';
import { createClock } from '../support/clock.ts';
import { addCluster, createSyncedWorld, OWNER, syncOf, VALUE } from '../support/cluster.ts';

t.test('fifty pods that start at once write the Secret once, and again once when the value changes', async (t) => {
  const root = t.testdir({});
  const server = await addCluster(t, root);
  let lines = '';
  const redactor = createRedactor();
  const write = (line: string) => {
    lines += line;
  };
  const log = createLog({ level: 'debug' }, { now: () => new Date(), write, redact: redactor.redact });
  const all = (value: string) =>
    Promise.all(
      Array.from({ length: 50 }, () => {
        const clock = createClock([], { random: Math.random });
        const context = { ...server, root, podName: 'app1', clock, deadline: clock.now() + 30_000, log, redactor };
        const wanted = [{ name: 'shop-db', type: 'Opaque', data: new Map([['password', new Secret(value)]]) }];
        return syncSecrets(wanted, { namespace: 'shop', sync: syncOf({ password: 0 }) }, context);
      }),
    );
  t.strictSame((await all(VALUE)).flat(), []);
  t.equal(server.writes(), 1);
  t.strictSame((await all(`${VALUE} 2`)).flat(), []);
  t.equal(server.writes(), 2);
  t.equal(server.stored().length, 1);
  t.notMatch(lines, /conflict|warn|error|409/i);
});

t.test('pods of two Deployments that start at once both own the Secret', async (t) => {
  const { world, server } = await createSyncedWorld(t);
  const owners = [OWNER, { ...OWNER, name: 'app2-1a2', uid: 'uid-of-1a2' }];
  const redactor = createRedactor();
  const log = createLog({ level: 'error' }, { now: () => new Date(), write: () => {}, redact: redactor.redact });
  await Promise.all(
    owners.map((owner) => {
      const clock = createClock([], { random: Math.random });
      const context = {
        ...server,
        root: world.root,
        podName: 'x',
        clock,
        deadline: clock.now() + 30_000,
        log,
        redactor,
      };
      const wanted = [{ name: 'shop-db', type: 'Opaque', data: new Map([['password', new Secret(VALUE)]]) }];
      const sync = { ...syncOf({ password: 0 }), owners: [owner] };
      return syncSecrets(wanted, { namespace: 'shop', sync }, context);
    }),
  );
  const present = server.get('shop-db')?.metadata['ownerReferences'] as { uid: string }[];
  t.strictSame(present.map(({ uid }) => uid).sort(), owners.map(({ uid }) => uid).sort());
});
