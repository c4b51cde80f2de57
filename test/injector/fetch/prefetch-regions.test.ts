/** Tests that secrets with a second region, read twenty at a time, give the same as one by one. */
import t from 'tap';
import { BATCH, startBatches } from '../support/batches.ts';
import { FAILOVER, PRIMARY, twin } from '../support/two-regions.ts';
import { secret } from '../support/world.ts';

t.test('both regions of pairs are asked together, and the first one counts', async (t) => {
  const { run, config, names, read, asked } = await startBatches(t, 3);
  const { exitCode, message } = await run(config(names.map((name) => secret(name, twin(name)))));
  t.equal(exitCode, 0, message);
  t.equal(read('s0'), `s0 ${PRIMARY}`);
  for (const region of [PRIMARY, FAILOVER]) t.equal(asked('BatchGetSecretValue', region).length, 1);
  t.equal(asked('GetSecretValue').length, 0);
});

t.test('secrets with a second region are not asked for together with those that have none', async (t) => {
  const { run, config, names, files, asked } = await startBatches(t, 4);
  const objects = names.map((name, index) => secret(name, index < 2 ? {} : twin(name)));
  const { exitCode, message } = await run(config(objects));
  t.equal(exitCode, 0, message);
  t.equal(files().length, 4);
  t.equal(asked('BatchGetSecretValue', PRIMARY).length, 2);
  t.equal(asked('BatchGetSecretValue', FAILOVER).length, 1);
  t.equal(asked('GetSecretValue').length, 0);
});

for (const failoverMode of [undefined, 'on-error'] as const) {
  const how = failoverMode ?? 'both';
  t.test(`a first region in trouble (${how}): the second one gives all`, async (t) => {
    const { aws, run, config, names, read, asked } = await startBatches(t, 3);
    aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: { kind: 'status', status: 503 } });
    const objects = names.map((name) => secret(name, twin(name)));
    const { exitCode, message, elapsed } = await run(config(objects, { failoverMode }));
    t.equal(exitCode, 0, message);
    for (const name of names) t.equal(read(name), `${name} ${FAILOVER}`);
    t.equal(asked('GetSecretValue', PRIMARY).length, 6, 'with the batch three tries for each');
    t.ok(elapsed < 1_000, `${elapsed} ms`);
  });

  t.test(`one secret that only the second region may read (${how}) comes from there`, async (t) => {
    const { aws, run, config, names, read } = await startBatches(t, 3);
    const one = { name: 's1', region: PRIMARY, operation: 'GetSecretValue' };
    aws.fault({ ...one, effect: { kind: 'access-denied' } });
    aws.fault({ ...BATCH, region: PRIMARY, effect: { kind: 'access-denied' } });
    const objects = names.map((name) => secret(name, twin(name)));
    const { exitCode, message } = await run(config(objects, { failoverMode }));
    t.equal(exitCode, 0, message);
    t.strictSame(names.map(read), [`s0 ${PRIMARY}`, `s1 ${FAILOVER}`, `s2 ${PRIMARY}`]);
  });
}

t.test('in turn, the second region is asked for nothing while the first one gives all', async (t) => {
  const { aws, run, config, names } = await startBatches(t, 3);
  const objects = names.map((name) => secret(name, twin(name)));
  t.equal((await run(config(objects, { failoverMode: 'on-error' }))).exitCode, 0);
  t.strictSame(
    aws.calls.map(({ operation }) => operation),
    ['AssumeRoleWithWebIdentity', 'BatchGetSecretValue'],
  );
});

t.test('a first region that never answers costs one time-out, as without batches', async (t) => {
  const { aws, run, config, names, read, asked } = await startBatches(t, 3);
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: { kind: 'hang' } });
  const { exitCode, message } = await run(config(names.map((name) => secret(name, twin(name)))));
  t.equal(exitCode, 0, message);
  t.equal(read('s0'), `s0 ${FAILOVER}`);
  t.equal(asked('GetSecretValue', PRIMARY).length, 0);
});

t.test('a value that came with others and lacks a part is asked for anew, until it has it', async (t) => {
  const { aws, run, config, read, asked } = await startBatches(t, 0);
  const sow = (value: string) => {
    for (const name of ['a', 'b']) aws.setSecret({ name, value, region: FAILOVER });
  };
  sow('{"old":"x"}');
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: { kind: 'status', status: 503 } });
  const file = (path: string) => ({ files: [{ path, mode: '0444', jmesPath: 'new' }] });
  const objects = ['a', 'b'].map((name) => secret(name, { ...twin(name), ...file(name) }));
  const { exitCode, message } = await run(config(objects), [{ at: 10_000, happens: () => sow('{"new":"y"}') }]);
  t.equal(exitCode, 0, message);
  t.strictSame([read('a'), read('b')], ['y', 'y']);
  t.equal(asked('BatchGetSecretValue', FAILOVER).length, 1);
});
