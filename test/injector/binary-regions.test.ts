/** Two regions and the agent's credentials as the compiled program has them: its runtime has an HTTP client of its own. */
import t from 'tap';
import type { FaultEffect } from '../aws/server.ts';
import { FAILOVER, PRIMARY, startBoth } from './support/two-regions.ts';
import { createWorld, secret } from './support/world.ts';

for (const effect of [{ kind: 'hang' }, { kind: 'reset' }, { kind: 'status', status: 503 }] satisfies FaultEffect[]) {
  t.test(`takes the second region's values where the first one has a ${effect.kind}`, async (t) => {
    const world = await startBoth(t);
    for (const service of ['secretsmanager', 'ssm'] as const) world.aws.fault({ service, region: PRIMARY, effect });
    const { finished } = world.spawn(world.config());
    const { exitCode, message } = await finished;
    t.equal(exitCode, 0, message);
    t.strictSame([world.read('db'), world.read('key')], [FAILOVER, FAILOVER]);
    const calls = world.aws.calls.filter(({ region }) => region === PRIMARY).length;
    t.equal(calls, effect.kind === 'hang' ? 2 : 6, 'tries: one that timed out, or three quick ones');
  });
}

t.test('reaches the agent by IPv6 where nobody listens at the IPv4 address', async (t) => {
  const world = await createWorld(t, undefined, { podIdentity: { host: '::1' } });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const identity = world.podIdentity(['http://127.0.0.1:9/v1/credentials', world.aws.podIdentityUrl ?? '']);
  const { exitCode, message } = await world.spawn(world.config([secret('db')], { identity })).finished;
  t.equal(exitCode, 0, message);
  t.equal(world.read('db'), 'x');
});

t.test('reports the words of the agent', async (t) => {
  const world = await createWorld(t, undefined, { podIdentity: {} });
  world.aws.fault({ service: 'pod-identity', effect: { kind: 'access-denied' } });
  const identity = world.podIdentity();
  const config = world.config([secret('db')], { identity, retryTimeoutSeconds: 1 });
  const { exitCode, message } = await world.spawn(config).finished;
  t.equal(exitCode, 10);
  t.match(message, 'AccessDeniedException');
});
