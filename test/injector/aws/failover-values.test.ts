/** Tests whose value is used where regions have different values, names or parts, and which region is asked. The numbers are those of ASCP's cases. */
import t from 'tap';
import { denied, FAILOVER, PRIMARY, startBoth, status, twin } from '../support/two-regions.ts';
import { createWorld, secret } from '../support/world.ts';

t.test('110: the second region is asked for its own name and label, the file stays', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db-replica', value: 'replica', region: FAILOVER, stages: ['AWSCURRENT', 'blue'] });
  world.aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: status(503) });
  const { exitCode, message } = await world.run(world.config([secret('db', twin('db-replica', { label: 'blue' }))]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('db'), 'replica');
});

t.test('99b: where a part is missing in the first value, the second one counts', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"old":"x"}', region: PRIMARY });
  world.aws.setSecret({ name: 'db', value: '{"password":"second"}', region: FAILOVER });
  const files = [{ path: 'db', mode: '0444', jmesPath: 'password' }];
  const { exitCode, message, log } = await world.run(world.config([secret('db', { files, ...twin('db') })]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('db'), 'second');
  t.match(log, 'db comes from eu-central-1');
});

t.test('a part that both values lack is explained by the first', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"first":"x"}', region: PRIMARY });
  world.aws.setSecret({ name: 'db', value: '{"second":"x"}', region: FAILOVER });
  const files = [{ path: 'db', mode: '0444', jmesPath: 'password' }];
  const { message } = await world.run(world.config([secret('db', { files, ...twin('db') })]));
  t.match(message, /ASI_OUT_JMES_MISSING/);
  t.match(message, '"first"');
});

t.test('99e: a pinned version is only asked for in the second region when the first fails', async (t) => {
  const { aws, config, run, read, asked } = await startBoth(t);
  const { versionId: version } = aws.setSecret({ name: 'pinned', value: 'one', region: PRIMARY });
  aws.setSecret({ name: 'pinned', value: 'two', region: FAILOVER, versionId: version });
  const objects = [secret('pinned', { version, ...twin('pinned', { version }) })];
  await run(config({ objects }));
  t.strictSame(asked(), ['AssumeRoleWithWebIdentity undefined', `GetSecretValue ${PRIMARY}`]);
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: denied });
  await run(config({ objects }));
  t.equal(read('pinned'), 'two');
});

t.test('both regions are asked, and one alone with on-error', async (t) => {
  const { aws, config, run, asked } = await startBoth(t);
  const sts = 'AssumeRoleWithWebIdentity undefined';
  const first = [`GetParameters ${PRIMARY}`, `GetSecretValue ${PRIMARY}`];
  await run(config());
  t.strictSame(asked(), [sts, sts, `GetParameters ${FAILOVER}`, ...first, `GetSecretValue ${FAILOVER}`].sort());
  aws.forget();
  await run(config({ failoverMode: 'on-error' }));
  t.strictSame(asked(), [sts, ...first]);
});

t.test('an object of another region than the rest is asked for there', async (t) => {
  const { config, run, read } = await startBoth(t);
  const { exitCode, message } = await run(config({ objects: [secret('db', { region: FAILOVER })] }));
  t.equal(exitCode, 0, message);
  t.equal(read('db'), FAILOVER);
});

t.test('118: one region twice is refused before AWS is asked', async (t) => {
  const { aws, config, run } = await startBoth(t);
  const { exitCode, message } = await run(config({ region: FAILOVER }));
  t.equal(exitCode, 2);
  t.match(message, 'eu-central-1: failover region cannot be the same as the primary region');
  t.strictSame(aws.calls, []);
});
