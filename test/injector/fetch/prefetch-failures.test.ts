/** Tests that a batch which fails, or fails for one of its secrets, gives the same files and messages as one by one. */
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import type { FaultEffect, Statement } from '../../aws/server.ts';
import { BATCH, startBatches } from '../support/batches.ts';
import { twin } from '../support/two-regions.ts';
import { secret } from '../support/world.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1';

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
    const { aws, run, config, names, files, counts } = await startBatches(t, 50, policy);
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
    const { aws, run, config, names, files, counts } = await startBatches(t, 20);
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
  const { aws, run, config } = await startBatches(t, 2, more.policy);
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
  const { aws, run, config, names, counts } = await startBatches(t, 2);
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
  const { run, config, files, read, asked } = await startBatches(t, 1);
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
