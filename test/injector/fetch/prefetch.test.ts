/** Tests that secrets which are read twenty at a time give the same files and messages as one by one, in fewer requests. */
import t, { type Test } from 'tap';
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import type { FaultEffect, Statement } from '../../aws/server.ts';
import { createWorld, secret } from '../support/world.ts';

const [PRIMARY, FAILOVER] = ['eu-west-1', 'eu-central-1'];
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1';

const BATCH = { service: 'secretsmanager', operation: 'BatchGetSecretValue' } as const;

const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

const twin = (name: string): Partial<ConfigObject> => ({ failover: { region: FAILOVER, name } });

/** Makes so many secrets in both regions, whose values are their names and regions. */
async function start(t: Test, count: number, policy?: Statement[]) {
  const world = await createWorld(t, policy);
  const names = namesOf(count);
  for (const region of [PRIMARY, FAILOVER]) {
    for (const name of names) world.aws.setSecret({ name, value: `${name} ${region}`, region });
  }
  const config = (objects: InjectorConfig['objects'], more: Partial<InjectorConfig> = {}) =>
    world.config(objects, { batch: true, ...more });
  const asked = (operation: string, region?: string) =>
    world.aws.calls.filter((call) => call.operation === operation && (region === undefined || call.region === region));
  const counts = () => [asked('BatchGetSecretValue').length, asked('GetSecretValue').length];
  return { ...world, names, config, asked, counts };
}

for (const [count, batches, alone] of [
  [1, 0, 1],
  [2, 1, 0],
  [20, 1, 0],
  [21, 1, 1],
  [50, 3, 0],
] as const) {
  t.test(`${count} secrets: ${batches} batches and ${alone} alone`, async (t) => {
    const { run, config, names, read, counts } = await start(t, count);
    const { exitCode, message } = await run(config(names.map((name) => secret(name))));
    t.equal(exitCode, 0, message);
    for (const name of names) t.equal(read(name), `${name} ${PRIMARY}`);
    t.strictSame(counts(), [batches, alone]);
  });
}

t.test('nothing is asked for together where nobody wants it so', async (t) => {
  const { run, config, names, counts } = await start(t, 3);
  const objects = names.map((name) => secret(name));
  t.equal((await run(config(objects, { batch: undefined }))).exitCode, 0);
  t.strictSame(counts(), [0, 3]);
});

t.test('names, ARNs and ARNs without their suffix come together, bytes as well as text', async (t) => {
  const { aws, run, config, bytes, read, counts } = await start(t, 1);
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
  const { aws, run, config, read, asked } = await start(t, 2);
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
  const { run, config, read, asked } = await start(t, 2);
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
  const { run, config, names, read, asked } = await start(t, 4);
  const objects = names.map((name, index) => secret(name, index < 2 ? {} : { region: FAILOVER }));
  const { exitCode, message } = await run(config(objects));
  t.equal(exitCode, 0, message);
  t.strictSame([read('s0'), read('s3')], [`s0 ${PRIMARY}`, `s3 ${FAILOVER}`]);
  for (const region of [PRIMARY, FAILOVER]) t.equal(asked('BatchGetSecretValue', region).length, 1);
  t.equal(asked('GetSecretValue').length, 0);
});

const singly: Statement = { actions: ['secretsmanager:GetSecretValue'], resources: ['*'] };

const refusals: readonly [string, Statement[] | undefined, FaultEffect | undefined, RegExp][] = [
  ['the role may not', [singly], undefined, /\(AccessDeniedException\): the secrets are read one by one/],
  [
    'the endpoint does not know it',
    undefined,
    { kind: 'error', code: 'UnknownOperationException' },
    /\(UnknownOperationException\): the secrets are read one by one/,
  ],
  ['there are too many of them', undefined, { kind: 'throttle' }, /\(ThrottlingException\)/],
];

for (const [why, policy, effect, warning] of refusals) {
  t.test(`where ${why}, each secret is read alone at once, and one warning says so`, async (t) => {
    const { aws, run, config, names, files, counts } = await start(t, 50, policy);
    if (effect !== undefined) aws.fault({ ...BATCH, effect });
    const { exitCode, message, log, elapsed } = await run(config(names.map((name) => secret(name))));
    t.equal(exitCode, 0, message);
    t.equal(files().length, 50);
    t.strictSame(counts(), [3, 50]);
    t.equal(elapsed, 0, 'nobody waited');
    t.match(log, warning);
    t.equal(log.split('one by one').length, 2);
  });
}

const troubles: readonly FaultEffect[] = [
  { kind: 'status', status: 503 },
  { kind: 'reset' },
  { kind: 'malformed' },
  { kind: 'error', code: 'InternalServiceError', status: 500 },
];

for (const effect of troubles) {
  t.test(`a batch that meets trouble (${JSON.stringify(effect)}) is a first try of its secrets`, async (t) => {
    const { aws, run, config, names, files, counts } = await start(t, 20);
    aws.fault({ ...BATCH, effect });
    const { exitCode, message, log, elapsed } = await run(config(names.map((name) => secret(name))));
    t.equal(exitCode, 0, message);
    t.equal(files().length, 20);
    t.strictSame(counts(), [1, 20]);
    t.equal(elapsed, 50, 'the usual time before a second try');
    t.equal(log.split('A try failed').length, 21);
  });
}

/** The message of a run that fails, which is that of a run without batches. */
async function sameWords(t: Test, more: { policy: Statement[]; objects: InjectorConfig['objects'] }) {
  const { aws, run, config } = await start(t, 2, more.policy);
  aws.setSecret({ name: 'locked', value: 'x', kmsKeyArn: KEY });
  aws.setSecret({ name: 'deleted', value: 'x' });
  aws.deleteSecret('deleted');
  const words = async (batch: true | undefined) => {
    const { exitCode, message } = await run(config(more.objects, { batch }));
    t.not(exitCode, 0);
    return { exitCode, message: message.replaceAll(/request [0-9a-f-]+/g, 'request') };
  };
  const found = await words(true);
  t.strictSame(found, await words(undefined));
  return found.message;
}

t.test('an error of one secret in a batch is reported as if it had been read alone', async (t) => {
  const batch = { actions: ['secretsmanager:BatchGetSecretValue'], resources: ['*'] };
  const but = { actions: ['secretsmanager:GetSecretValue'], resources: ['*:secret:s0-*', '*:locked-*', '*:deleted-*'] };
  const objects = ['s0', 's1', 'locked', 'deleted', 'gone'].map((name) => secret(name));
  const message = await sameWords(t, { policy: [batch, but], objects });
  for (const pattern of [/s1: .*AccessDenied/, /locked: .*KMS/, /deleted: .*deletion/, /gone: /])
    t.match(message, pattern);
  t.notMatch(message, /s0/);
});

t.test('without credentials no batch is sent, and the failure is the same as without batches', async (t) => {
  const { aws, run, config, names, counts } = await start(t, 2);
  aws.fault({ service: 'sts', effect: { kind: 'error', code: 'AccessDenied', status: 403 } });
  for (const more of [{}, twin('s0')]) {
    const objects = names.map((name) => secret(name, more));
    const [together, alone] = [await run(config(objects)), await run(config(objects, { batch: undefined }))];
    t.equal(together.exitCode, 10);
    t.match(together.message, 'AccessDenied');
    const normalized = ({ message }: { message: string }) => message.replaceAll(/request [0-9a-f-]+/g, 'request');
    t.equal(normalized(together), normalized(alone));
  }
  t.strictSame(counts(), [0, 0]);
});

t.test('what may be missing is, after one more try of its own', async (t) => {
  const { run, config, files, read, asked } = await start(t, 1);
  const objects = [
    secret('s0'),
    secret('gone', { files: [{ path: 'left-out', mode: '0444', optional: true }] }),
    secret('none', { files: [{ path: 'default', mode: '0444', default: 'none' }] }),
  ];
  const { exitCode, message } = await run(config(objects));
  t.equal(exitCode, 0, message);
  t.strictSame(files(), ['default', 's0']);
  t.equal(read('default'), 'none');
  t.equal(asked('GetSecretValue').length, 4);
});

t.test('both regions of pairs are asked together, and the first one counts', async (t) => {
  const { run, config, names, read, asked } = await start(t, 3);
  const { exitCode, message } = await run(config(names.map((name) => secret(name, twin(name)))));
  t.equal(exitCode, 0, message);
  t.equal(read('s0'), `s0 ${PRIMARY}`);
  for (const region of [PRIMARY, FAILOVER]) t.equal(asked('BatchGetSecretValue', region).length, 1);
  t.equal(asked('GetSecretValue').length, 0);
});

t.test('secrets with a second region are not asked for together with those that have none', async (t) => {
  const { run, config, names, files, asked } = await start(t, 4);
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
    const { aws, run, config, names, read, asked } = await start(t, 3);
    aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: { kind: 'status', status: 503 } });
    const objects = names.map((name) => secret(name, twin(name)));
    const { exitCode, message, elapsed } = await run(config(objects, { failoverMode }));
    t.equal(exitCode, 0, message);
    for (const name of names) t.equal(read(name), `${name} ${FAILOVER}`);
    t.equal(asked('GetSecretValue', PRIMARY).length, 6, 'with the batch three tries for each');
    t.ok(elapsed < 1_000, `${elapsed} ms`);
  });

  t.test(`one secret that only the second region may read (${how}) comes from there`, async (t) => {
    const { aws, run, config, names, read } = await start(t, 3);
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
  const { aws, run, config, names } = await start(t, 3);
  const objects = names.map((name) => secret(name, twin(name)));
  t.equal((await run(config(objects, { failoverMode: 'on-error' }))).exitCode, 0);
  t.strictSame(
    aws.calls.map(({ operation }) => operation),
    ['AssumeRoleWithWebIdentity', 'BatchGetSecretValue'],
  );
});

t.test('a first region that never answers costs one time-out, as without batches', async (t) => {
  const { aws, run, config, names, read, asked } = await start(t, 3);
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: { kind: 'hang' } });
  const { exitCode, message } = await run(config(names.map((name) => secret(name, twin(name)))));
  t.equal(exitCode, 0, message);
  t.equal(read('s0'), `s0 ${FAILOVER}`);
  t.equal(asked('GetSecretValue', PRIMARY).length, 0);
});

t.test('a value that came with others and lacks a part is asked for anew, until it has it', async (t) => {
  const { aws, run, config, read, asked } = await start(t, 0);
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
