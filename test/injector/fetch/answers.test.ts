/** Answers that AWS never gives, as a proxy or an emulator may: none of them becomes a file. */
import { symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { createWorld } from '../support/world.ts';

type Answers = Readonly<Record<string, unknown>>;

const folders = [{ path: '', mode: '0444', slash: '_' }];
const file = [{ path: 'f', mode: '0444' }];
const secret = { service: 'secretsmanager', name: 'a/1', files: file } as const;
const parameter = { service: 'ssm', name: '/a/1', files: file } as const;

/** The URL of a server that ends with the test. */
async function listen(t: Test, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs against a server with these answers, by operation; STS is the in-memory AWS. A text is sent and never ended. */
async function start(t: Test, answers: Answers) {
  const world = await createWorld(t);
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const answer = answers[operation];
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    if (typeof answer === 'string') response.write(answer);
    else response.end(JSON.stringify(answer));
  });
  const url = await listen(t, server);
  const config = (objects: InjectorConfig['objects'], more: Partial<InjectorConfig> = {}) => {
    const made = world.config(objects, more);
    return { ...made, aws: { ...made.aws, endpoints: { secretsmanager: url, ssm: url } } };
  };
  return { ...world, config };
}

for (const value of [5, true, {}, { a: 'x' }, [], ['x']]) {
  t.test(`${JSON.stringify(value)} in a value's place is no value`, async (t) => {
    const { run, config, files } = await start(t, {
      GetSecretValue: { Name: 'a/1', SecretString: value },
      GetParameters: { Parameters: [{ Name: '/a/1', Value: value }] },
      GetParametersByPath: { Parameters: [{ Name: '/a/1', Value: value }] },
      ListSecrets: { SecretList: [{ Name: 'a/1' }] },
      BatchGetSecretValue: { SecretValues: [{ Name: 'a/1', SecretString: value }] },
    });
    for (const made of [
      config([secret]),
      config([secret, { ...secret, name: 'a/2', files: [{ path: 'g', mode: '0444' }] }], { batch: true }),
      config([parameter]),
      config([], { searches: [{ service: 'ssm', path: '/a', folders }] }),
      config([], { searches: [{ service: 'secretsmanager', prefix: 'a/', folders }] }),
    ]) {
      const { exitCode, message } = await run(made);
      t.equal(exitCode, 20, message);
      t.match(message, '[ASI_AWS_UNAVAILABLE]');
    }
    t.strictSame(files(), []);
  });
}

t.test('what no search asked for becomes no file', async (t) => {
  const { run, config, files } = await start(t, {
    ListSecrets: { SecretList: [{ Name: 'a/1' }] },
    BatchGetSecretValue: {
      SecretValues: [
        { Name: 'a/1', SecretString: 'x' },
        { Name: 'other', SecretString: 'x' },
      ],
    },
    GetParametersByPath: { Parameters: [{ Name: '/other/1', Value: 'x' }] },
  });
  const secrets = await run(config([], { searches: [{ service: 'secretsmanager', prefix: 'a/', folders }] }));
  t.equal(secrets.exitCode, 0, secrets.message);
  t.strictSame(files(), ['a_1']);
  const below = await run(config([], { searches: [{ service: 'ssm', path: '/a', folders }] }));
  t.equal(below.exitCode, 20, below.message);
});

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/1';
const THEIRS = 'arn:aws:secretsmanager:eu-west-1:210987654321:secret:a/1-abcdef';

/** Has what a secret is asked for by, and an entry of an answer to several that belongs to another secret. */
const unmeant: readonly [string, string, unknown][] = [
  ['another name', 'a/1', [{ Name: 'a/11', ARN: `${ARN}1-abcdef`, SecretString: 'wrong' }]],
  ['no name', 'a/1', [{ SecretString: 'wrong' }]],
  [
    'a name that is none',
    'a/1',
    [
      { Name: 5, SecretString: 'wrong' },
      { Name: ['a/1'], SecretString: 'wrong' },
    ],
  ],
  ['another ARN', `${ARN}-abcdef`, [{ Name: 'a/1', ARN: `${ARN}-ABCDEF`, SecretString: 'wrong' }]],
  ['an ARN that only begins so', ARN, [{ Name: 'a/1-x', ARN: `${ARN}-x-abcdef`, SecretString: 'wrong' }]],
  ["another account's secret, which is asked for too", 'a/1', [{ Name: 'a/1', ARN: THEIRS, SecretString: 'wrong' }]],
  [
    'the same name twice',
    'a/1',
    ['abcdef', 'ABCDEF'].map((end) => ({ Name: 'a/1', ARN: `${ARN}-${end}`, SecretString: 'wrong' })),
  ],
  ['no value', 'a/1', [{ Name: 'a/1', ARN: `${ARN}-abcdef` }]],
  ['nothing', 'a/1', []],
  ['no list', 'a/1', 'wrong'],
  ['a list of nothing', 'a/1', [null, 5, 'wrong']],
];

for (const [what, name, SecretValues] of unmeant) {
  t.test(`an answer to several that has ${what} is none to ${name}, which is asked for alone`, async (t) => {
    const { run, config, bytes } = await start(t, {
      BatchGetSecretValue: { SecretValues, NextToken: 'more', Errors: 'none' },
      GetSecretValue: { Name: name, SecretString: 'right' },
    });
    const other = { ...secret, name: THEIRS, files: [{ path: 'g', mode: '0444' }] };
    const { exitCode, message, log } = await run(config([{ ...secret, name }, other], { batch: true }));
    t.equal(exitCode, 0, message);
    t.equal(Buffer.from(bytes('f')).toString(), 'right');
    t.notMatch(log, 'wrong');
  });
}

t.test('what nobody asked for, among what was, becomes no file', async (t) => {
  const { run, config, files, read } = await start(t, {
    BatchGetSecretValue: {
      SecretValues: ['other', 'a/2', 'a/1'].map((name) => ({ Name: name, SecretString: `value of ${name}` })),
    },
  });
  const second = { ...secret, name: 'a/2', files: [{ path: 'g', mode: '0444' }] };
  const { exitCode, message } = await run(config([secret, second], { batch: true }));
  t.equal(exitCode, 0, message);
  t.strictSame(files(), ['f', 'g']);
  t.strictSame([read('f'), read('g')], ['value of a/1', 'value of a/2']);
});

t.test('an answer that stops half-way is none, and ends in time', async (t) => {
  const { spawn, config, files } = await start(t, { GetSecretValue: '{"SecretString":"canary' });
  const { exitCode, message } = await spawn(config([secret], { retryTimeoutSeconds: 1 })).finished;
  t.equal(exitCode, 20);
  t.match(message, 'no answer in time');
  t.notMatch(message, 'canary');
  t.strictSame(files(), []);
});

for (const [name, next] of [
  ['the same page again', () => 'same'],
  ['ever new pages', (count: number) => `page-${count}`],
] as const) {
  t.test(`a list that names ${name} is given up`, async (t) => {
    let count = 0;
    const page = (items: object) => ({
      toJSON: () => {
        count += 1;
        return { ...items, NextToken: next(count) };
      },
    });
    const { run, config, files } = await start(t, {
      GetParametersByPath: page({ Parameters: [] }),
      ListSecrets: page({ SecretList: [] }),
    });
    for (const made of [
      config([], { searches: [{ service: 'ssm', path: '/a', folders }] }),
      config([], { searches: [{ service: 'secretsmanager', prefix: 'a/', folders }] }),
    ]) {
      const { exitCode, message } = await run(made);
      t.equal(exitCode, 10, message);
      t.match(message, '[ASI_AWS_ENDLESS_LIST]');
    }
    t.strictSame(files(), []);
  });
}

t.test('an error whose words are no text is one more failure of its object', async (t) => {
  const { run, config } = await start(t, { GetSecretValue: { __type: 5, message: { a: 1 } } });
  const { exitCode, message } = await run(config([secret]));
  t.equal(exitCode, 20);
  t.match(message, 'a/1');
});

t.test('an answer that drips is given up in the end', async (t) => {
  const { spawn, config, files } = await start(t, {});
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    const drip = setInterval(() => response.write(' '), 500);
    response.on('close', () => clearInterval(drip));
  });
  const url = await listen(t, server);
  const made = config([secret], { retryTimeoutSeconds: 1 });
  const { exitCode, message } = await spawn({ ...made, aws: { ...made.aws, endpoints: { secretsmanager: url } } })
    .finished;
  t.equal(exitCode, 20);
  t.match(message, 'no answer in time');
  t.strictSame(files(), []);
});

for (const code of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
  t.test(`an error of AWS's that is named ${code} is an error as any other`, async (t) => {
    const world = await createWorld(t);
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'error', code, message: 'words' } });
    const { exitCode, message } = await world.run(world.config([secret]));
    t.equal(exitCode, 10);
    t.match(message, '[ASI_AWS_REQUEST]');
  });
}

for (const NextToken of [{ a: 1 }, 5, ['x']]) {
  t.test(`${JSON.stringify(NextToken)} in the place of the next page's token ends the list`, async (t) => {
    const { run, config, aws } = await start(t, { GetParametersByPath: { Parameters: [], NextToken } });
    const { exitCode, message } = await run(
      config([], { retryTimeoutSeconds: 1, searches: [{ service: 'ssm', path: '/a', folders }] }),
    );
    t.equal(exitCode, 20, message);
    t.match(message, 'the answer is not what AWS sends');
    t.ok(aws.calls.length < 10);
  });
}

const CREDENTIALS = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'key', Token: 'token' };
for (const [member, text] of [
  ['Token', 'canary\r\nx-evil: 1'],
  ['SecretAccessKey', 'canary\u2603'],
  ['AccessKeyId', 'canary\u0000'],
] as const) {
  t.test(`${member} that can stand in no header is no credential`, async (t) => {
    const world = await createWorld(t, undefined, { podIdentity: {} });
    const body = JSON.stringify({ ...CREDENTIALS, [member]: text });
    world.aws.fault({ service: 'pod-identity', effect: { kind: 'body', body } });
    const config = world.config([secret], { identity: world.podIdentity(), retryTimeoutSeconds: 1 });
    const { exitCode, message, log } = await world.run(config);
    t.equal(exitCode, 20);
    t.match(message, 'AWS answered eks-auth:AssumeRoleForPodIdentity without what was asked for');
    t.notMatch(message + log, 'canary');
  });
}

t.test('a token file that does not end is not read to its end', async (t) => {
  const world = await createWorld(t);
  const identity = { ...world.config([]).identity, tokenFile: '/endless' };
  symlinkSync('/dev/zero', join(world.root, 'endless'));
  const { exitCode, message } = await world.run(world.config([secret], { identity }));
  t.equal(exitCode, 10);
  t.match(message, '[ASI_AWS_TOKEN]');
});
