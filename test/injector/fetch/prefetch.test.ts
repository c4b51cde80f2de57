/** Tests that secrets which are read twenty at a time give the same files as one by one, in fewer requests. */
import t from 'tap';
import { startBatches } from '../support/batches.ts';
import { FAILOVER, PRIMARY } from '../support/two-regions.ts';
import { secret } from '../support/world.ts';

for (const [count, batches, alone] of [
  [1, 0, 1],
  [2, 1, 0],
  [20, 1, 0],
  [21, 1, 1],
  [50, 3, 0],
] as const) {
  t.test(`${count} secrets: ${batches} batches and ${alone} alone`, async (t) => {
    const { run, config, names, read, counts } = await startBatches(t, count);
    const { exitCode, message } = await run(config(names.map((name) => secret(name))));
    t.equal(exitCode, 0, message);
    for (const name of names) t.equal(read(name), `${name} ${PRIMARY}`);
    t.strictSame(counts(), [batches, alone]);
  });
}

t.test('nothing is asked for together where nobody wants it so', async (t) => {
  const { run, config, names, counts } = await startBatches(t, 3);
  const objects = names.map((name) => secret(name));
  t.equal((await run(config(objects, { batch: undefined }))).exitCode, 0);
  t.strictSame(counts(), [0, 3]);
});

t.test('names, ARNs and ARNs without their suffix come together, bytes as well as text', async (t) => {
  const { aws, run, config, bytes, read, counts } = await startBatches(t, 1);
  const value = Uint8Array.from([0, 255, 10, 128]);
  const [binary, other] = [aws.setSecret({ name: 'bin', value }), aws.setSecret({ name: 'app/other', value: 'o' })];
  const file = (path: string) => ({ files: [{ path, mode: '0444' }] });
  const objects = [
    secret('s0'),
    secret(binary.arn, file('binary')),
    secret(other.arn.replace(/-\w{6}$/, ''), file('other')),
  ];
  const { exitCode, message } = await run(config(objects));
  t.equal(exitCode, 0, message);
  t.strictSame(new Uint8Array(bytes('binary')), value);
  t.strictSame([read('s0'), read('other')], [`s0 ${PRIMARY}`, 'o']);
  t.strictSame(counts(), [1, 0]);
});

t.test('versions and stages are asked for alone, the current stage by its name is none', async (t) => {
  const { aws, run, config, read, asked } = await startBatches(t, 2);
  const { versionId } = aws.setSecret({ name: 'v', value: 'first' });
  aws.setSecret({ name: 'v', value: 'second' });
  const file = (path: string) => ({ files: [{ path, mode: '0444' }] });
  const objects = [
    secret('s0'),
    secret('s1', { label: 'AWSCURRENT' }),
    secret('v'),
    secret('v', { version: versionId, ...file('by-id') }),
    secret('v', { label: 'AWSPREVIOUS', ...file('by-stage') }),
  ];
  const { exitCode, message } = await run(config(objects));
  t.equal(exitCode, 0, message);
  t.strictSame(
    ['s1', 'v', 'by-id', 'by-stage'].map((path) => read(path)),
    [`s1 ${PRIMARY}`, 'second', 'first', 'first'],
  );
  t.strictSame(
    asked('BatchGetSecretValue').map(({ names }) => names),
    [['s0', 's1', 'v']],
  );
  t.strictSame(
    asked('GetSecretValue').map(({ names }) => names),
    [['v'], ['v']],
  );
});

t.test('one secret of two declarations is asked for once', async (t) => {
  const { run, config, read, asked } = await startBatches(t, 2);
  const again = secret('s0', { label: 'AWSCURRENT', files: [{ path: 'again', mode: '0444' }] });
  const { exitCode, message } = await run(config([secret('s0'), secret('s1'), again]));
  t.equal(exitCode, 0, message);
  t.strictSame([read('s0'), read('again')], [`s0 ${PRIMARY}`, `s0 ${PRIMARY}`]);
  t.strictSame(
    asked('BatchGetSecretValue').map(({ names }) => names),
    [['s0', 's1']],
  );
  t.strictSame(asked('GetSecretValue').length, 0);
});

t.test('each region is asked for its own secrets together', async (t) => {
  const { run, config, names, read, asked } = await startBatches(t, 4);
  const objects = names.map((name, index) => secret(name, index < 2 ? {} : { region: FAILOVER }));
  const { exitCode, message } = await run(config(objects));
  t.equal(exitCode, 0, message);
  t.strictSame([read('s0'), read('s3')], [`s0 ${PRIMARY}`, `s3 ${FAILOVER}`]);
  for (const region of [PRIMARY, FAILOVER]) t.equal(asked('BatchGetSecretValue', region).length, 1);
  t.equal(asked('GetSecretValue').length, 0);
});
