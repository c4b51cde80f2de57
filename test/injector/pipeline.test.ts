/** Tests the whole pipeline with the real SDK on the in-memory AWS, with a clock of its own. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createWorld, parameter, ROLE, secret } from './support/world.ts';

const CANARY = 'canary-7f3a9c';

t.test('survives a 30 s outage of everything with 50 objects', async (t) => {
  const world = await createWorld(t);
  const objects = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0 ? secret(`s${index}`) : parameter(`/p${index}`, `p${index}`),
  );
  for (const { service, name } of objects) {
    if (service === 'ssm') world.aws.setParameter({ name, value: name });
    else world.aws.setSecret({ name, value: name });
  }
  const ends = (['secretsmanager', 'ssm'] as const).map((service) =>
    world.aws.fault({ service, effect: { kind: 'status', status: 503 } }),
  );
  const config = world.config(objects, { retryTimeoutSeconds: 60 });
  const happens = () => {
    for (const end of ends) end();
  };
  const { exitCode, elapsed, message } = await world.run(config, [{ at: 30_000, happens }]);
  t.equal(exitCode, 0, message);
  t.ok(elapsed >= 30_000 && elapsed <= 60_000, 'done after the outage and before the deadline');
  t.equal(world.files().length, 50);
});

t.test('survives an outage of STS, throttling, resets and answers that make no sense', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: CANARY });
  world.aws.fault({ service: 'sts', effect: { kind: 'reset' }, times: 3 });
  world.aws.fault({ service: 'sts', effect: { kind: 'error', code: 'InvalidIdentityToken', status: 400 }, times: 2 });
  for (const kind of ['throttle', 'reset', 'malformed', 'access-denied'] as const) {
    world.aws.fault({ service: 'secretsmanager', effect: { kind }, times: 3 });
  }
  const { exitCode, message, log } = await world.run(world.config([secret('db')], { retryTimeoutSeconds: 60 }));
  t.equal(exitCode, 0, message);
  t.match(log, 'ASI_AWS_THROTTLED');
  t.notMatch(log, CANARY);
});

t.test('gives up on a lasting outage at the deadline', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: CANARY });
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 500 } });
  const { exitCode, elapsed, message } = await world.run(world.config([secret('db')]));
  t.equal(exitCode, 20);
  t.equal(elapsed, 30_000);
  t.match(message, 'ASI_AWS_UNAVAILABLE');
  t.match(message, 'HTTP status 500');
});

t.test('what looks permanent is tried for 15 s, a bad request once', async (t) => {
  const world = await createWorld(t);
  const missing = await world.run(world.config([secret('none')]));
  t.equal(missing.exitCode, 10);
  t.equal(missing.elapsed, 15_000);
  world.aws.forget();
  const effect = { kind: 'error', code: 'ValidationException', status: 400 } as const;
  world.aws.fault({ service: 'secretsmanager', effect });
  const bad = await world.run(world.config([secret('none')]));
  t.equal(bad.elapsed, 0);
  t.equal(world.aws.calls.filter(({ operation }) => operation === 'GetSecretValue').length, 1);
});

t.test('each object has its own 15 s', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'late', value: CANARY });
  world.aws.fault({ name: 'early', effect: { kind: 'access-denied' } });
  const outage = world.aws.fault({ name: 'late', effect: { kind: 'status', status: 503 } });
  let denied = () => {};
  const { message } = await world.run(world.config([secret('early'), secret('late')], { retryTimeoutSeconds: 90 }), [
    {
      at: 25_000,
      happens: () => {
        denied = world.aws.fault({ name: 'late', effect: { kind: 'access-denied' } });
        outage();
      },
    },
    { at: 38_000, happens: () => denied() },
  ]);
  t.match(message, /^Failed to fetch secret .* early: /);
  t.notMatch(message, 'late', 'what is denied after 25 s is waited for until 40 s');
});

t.test('a denied role ends the run with the trust policy to change', async (t) => {
  const world = await createWorld(t);
  world.aws.addRole({ arn: ROLE, trust: [], policy: [] });
  const { exitCode, message } = await world.run(world.config([secret('db'), secret('other')]));
  t.equal(exitCode, 10);
  t.match(message, `The role ${ROLE} could not be assumed in eu-west-1.`);
  t.match(message, /AccessDenied.*trust policy.*\[ASI_AWS_ROLE_DENIED]/s);
  t.equal(message.split('\n').length, 1);
});

t.test('reads the token again for each try', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: CANARY });
  const file = join(world.root, world.config([]).identity.tokenFile);
  const token = readFileSync(file, 'utf8');
  rmSync(file);
  const { exitCode, log } = await world.run(world.config([secret('db')]), [
    { at: 5_000, happens: () => writeFileSync(file, token) },
  ]);
  t.equal(exitCode, 0);
  t.match(log, 'ASI_AWS_TOKEN');
});

t.test('the role, the secret and its key have three messages of denial', async (t) => {
  const kmsKeyArn = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555';
  const world = await createWorld(t, [
    { actions: ['secretsmanager:GetSecretValue'], resources: ['*:secret:locked-*'] },
    { actions: ['ssm:GetParameters'], resources: ['*:parameter/locked'] },
  ]);
  world.aws.setSecret({ name: 'closed', value: CANARY });
  world.aws.setSecret({ name: 'locked', value: CANARY, kmsKeyArn });
  world.aws.setParameter({ name: '/locked', value: CANARY, type: 'SecureString', kmsKeyArn });
  const objects = [secret('closed'), secret('locked'), parameter('/locked', 'p')];
  const { exitCode, message } = await world.run(world.config(objects));
  t.equal(exitCode, 10);
  const [summary, closed, locked, parameterLine] = message.split('\n');
  t.match(summary, 'closed [ASI_AWS_DENIED], locked [ASI_AWS_KMS], /locked [ASI_AWS_KMS]');
  t.match(closed, 'Verify secret exists and required permissions are granted for: closed');
  t.match(closed, `eu-west-1 with the role ${ROLE}`);
  t.match(
    closed,
    'secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:closed-??????',
  );
  t.match(locked, 'Allow kms:Decrypt');
  t.match(parameterLine, 'Allow kms:Decrypt');
});

t.test('a batch that is denied as a whole names only its culprits', async (t) => {
  const world = await createWorld(t, [{ actions: ['ssm:GetParameters'], resources: ['*:parameter/open/*'] }]);
  const names = [...Array.from({ length: 8 }, (_, index) => `/open/${index}`), '/closed/a', '/closed/b'];
  for (const name of names) world.aws.setParameter({ name, value: CANARY });
  const { message } = await world.run(world.config(names.map((name, index) => parameter(name, `p${index}`))));
  t.match(message, /^2 failures: \/closed\/a \[ASI_AWS_DENIED], \/closed\/b \[ASI_AWS_DENIED]\n/);
});

t.test('a parameter that is missing does not take the rest of its batch along', async (t) => {
  const world = await createWorld(t);
  world.aws.setParameter({ name: '/here', value: 'no JSON' });
  const here = parameter('/here', 'here', { files: [{ path: 'here', mode: '0444', jmesPath: 'a' }] });
  const { message } = await world.run(world.config([here, parameter('/gone', 'gone', { version: '3' })]));
  t.match(message, /^2 failures: \/gone \[ASI_AWS_NOT_FOUND], \/here \[ASI_OUT_JSON]\n/);
  t.match(message, '400: eu-west-1: invalid parameters: /gone:3.');
});

t.test('two versions, a label, a second name and an ARN of one parameter all arrive', async (t) => {
  const world = await createWorld(t);
  world.aws.setParameter({ name: '/app/key', value: 'one', labels: ['stable'] });
  const { arn } = world.aws.setParameter({ name: '/app/key', value: 'two' });
  const objects = [
    parameter('/app/key', 'first', { version: '1' }),
    parameter('/app/key', 'second', { version: '2' }),
    parameter('/app/key', 'labelled', { label: 'stable' }),
    parameter('/app/key', 'latest'),
    parameter('/app/key', 'again'),
    parameter(arn, 'by-arn'),
  ];
  const { exitCode, message } = await world.run(world.config(objects));
  t.equal(exitCode, 0, message);
  const read = ['first', 'second', 'labelled', 'latest', 'again', 'by-arn'].map((path) => world.read(path));
  t.strictSame(read, ['one', 'two', 'one', 'two', 'two', 'two']);
});

t.test('eleven parameters take two calls, one secret in two files takes one', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: CANARY });
  const parameters = Array.from({ length: 11 }, (_, index) => `/p/${index}`);
  for (const name of parameters) world.aws.setParameter({ name, value: name });
  const two = secret('db', { files: ['a', 'b'].map((path) => ({ path, mode: '0444' })) });
  const objects = [two, secret('db', { files: [{ path: 'c', mode: '0444' }] })];
  const config = world.config([...objects, ...parameters.map((name, index) => parameter(name, `p${index}`))]);
  await world.run(config);
  const operations = world.aws.calls.map(({ operation }) => operation).sort();
  t.strictSame(operations, ['AssumeRoleWithWebIdentity', 'GetParameters', 'GetParameters', 'GetSecretValue']);
  t.equal(world.files().length, 14);
});

t.test('bytes and text that happens to be JSON stay as they are', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'bytes', value: new Uint8Array([0, 255, 10, 13]) });
  world.aws.setSecret({ name: 'number', value: ' 12345678901234567890.50\n' });
  await world.run(world.config([secret('bytes'), secret('number')]));
  t.equal(world.read('number'), ' 12345678901234567890.50\n');
  t.strictSame([...world.bytes('bytes')], [0, 255, 10, 13]);
});

t.test('no value is in any log line or message, whatever fails', async (t) => {
  const world = await createWorld(t);
  const value = JSON.stringify({ [`key of ${1}`]: CANARY, nested: { deep: CANARY }, list: [CANARY], text: CANARY });
  world.aws.setSecret({ name: 'db', value });
  world.aws.setSecret({ name: 'broken', value: `{"a": "${CANARY}",}` });
  const part = (name: string, path: string, jmesPath: string) =>
    secret(name, { files: [{ path, mode: '0444', jmesPath }] });
  const config = world.config(
    [
      part('db', '1', 'nested'),
      part('db', '2', 'text.deeper'),
      part('db', '3', 'list'),
      part('db', '4', `to_number(text) || [`),
      part('broken', '5', 'a'),
      secret('db', { files: [], variables: [{ name: 'bad-name' }], expansions: [{ prefix: 'X', jmesPath: 'text' }] }),
      secret('broken', { files: [], expansions: [{ prefix: '' }] }),
    ],
    { envFile: { path: 'env', format: 'shell', mode: '0444' } },
  );
  const { exitCode, message, log } = await world.run(config);
  t.equal(exitCode, 10);
  t.match(message, /^8 failures:/);
  t.notMatch(message + log, CANARY);
  t.strictSame(world.files(), []);
});

t.test('two outputs on one file and a path out of the volume are refused before AWS is asked', async (t) => {
  const world = await createWorld(t);
  const at = (path: string) => secret('db', { files: [{ path, mode: '0444' }] });
  const paths = ['../x', '..', '/etc/passwd', 'a\0b', 'a//b', './a', 'x'.repeat(300), 'same', 'same', 'f', 'f/g'];
  const { exitCode, message } = await world.run(world.config(paths.map(at)));
  t.equal(exitCode, 2);
  t.match(message, /^9 failures:/);
  t.strictSame(world.aws.calls, []);
  t.strictSame(world.files(), []);
});

t.test('a key that becomes a variable which decides what programs load is warned of in the log', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"LD_PRELOAD":"x"}' });
  const envFile = { path: 'app.env', format: 'shell', mode: '0444' } as const;
  const { exitCode, log } = await world.run(
    world.config([secret('db', { files: [], expansions: [{ prefix: '' }] })], { envFile }),
  );
  t.equal(exitCode, 0);
  const [line = '{}'] = log.split('\n').filter((one) => one.includes('becomes the variable LD_PRELOAD'));
  t.equal(JSON.parse(line).level, 'warn');
});
