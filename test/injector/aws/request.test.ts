/** Tests what becomes of the requests that are made without a client of the SDK, and of their answers. */
import type { Duplex } from 'node:stream';
import t from 'tap';
import { startAws } from '../../aws/server.ts';
import { createWorld, parameter, secret } from '../support/world.ts';

t.test('a node whose clock is ten minutes late signs with the time of AWS after the first answer', async (t) => {
  const world = await createWorld(t, undefined, { now: () => new Date(Date.now() + 600_000) });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const { exitCode, message } = await world.run(world.config([secret('db')]));
  t.equal(exitCode, 0, message);
  t.strictSame(
    world.aws.calls.filter(({ service }) => service === 'secretsmanager').map(({ error }) => error),
    ['InvalidSignatureException', undefined],
  );
});

t.test('a member that is null is as good as absent', async (t) => {
  const world = await createWorld(t);
  const body = '{"Parameters":[{"Name":"/port","Value":"5432","Version":null,"ARN":null}],"InvalidParameters":null}';
  world.aws.fault({ service: 'ssm', effect: { kind: 'body', body } });
  const { exitCode, message } = await world.run(world.config([parameter('/port', 'port')]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('port'), '5432');
});

t.test('an answer that is JSON but no object has no value', async (t) => {
  for (const body of ['null', '[]', '"text"', '']) {
    const world = await createWorld(t);
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'body', body } });
    const { message } = await world.run(world.config([secret('db')], { retryTimeoutSeconds: 1 }));
    t.match(message, 'ASI_AWS_', body);
  }
});

const dates = [
  'Sat, 13 Sep 275760 00:00:00 GMT',
  'Sat, 01 Jan 10000 00:00:00 GMT',
  'Fri, 01 Jan -001000 00:00:00 GMT',
  'now',
];
for (const date of dates) {
  t.test(`the next request is signed with the right time after an answer of the date ${date}`, async (t) => {
    const world = await createWorld(t);
    world.aws.setSecret({ name: 'db', value: 'x' });
    const write = (socket: Duplex) =>
      void socket.end(`HTTP/1.1 500 Oops\r\ndate: ${date}\r\ncontent-length: 0\r\n\r\n`);
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'wire', write }, times: 1 });
    const { exitCode, message } = await world.run(world.config([secret('db')]));
    t.equal(exitCode, 0, message);
    t.strictSame(
      world.aws.calls.slice(2).map(({ error }) => error),
      [undefined],
    );
  });
}

for (const status of [301, 302, 303, 307, 308]) {
  t.test(`a redirect of status ${status} is named, and nothing is asked at its target`, async (t) => {
    const [world, target] = [await createWorld(t), await startAws()];
    t.teardown(target.close);
    const answer = `HTTP/1.1 ${status} Elsewhere\r\nlocation: ${target.url}\r\ncontent-length: 0\r\n\r\n`;
    world.aws.fault({
      service: 'secretsmanager',
      effect: { kind: 'wire', write: (socket) => void socket.write(answer) },
    });
    const { exitCode, message } = await world.run(world.config([secret('db')], { retryTimeoutSeconds: 1 }));
    t.equal(exitCode, 20);
    t.match(message, `GetSecretValue failed: HTTP status ${status}.`);
    t.strictSame(target.calls, []);
  });
}

t.test('each object has its own refusal, also if all come at the same time', async (t) => {
  const world = await createWorld(t, undefined, { latency: { secretsmanager: 100 } });
  const names = Array.from({ length: 30 }, (_, number) => `db${number}`);
  for (const name of names) world.aws.fault({ name, effect: { kind: 'error', code: `Refusal-${name}-` } });
  const { log } = await world.run(
    world.config(
      names.map((name) => secret(name)),
      { retryTimeoutSeconds: 1 },
    ),
  );
  const refused = [...log.matchAll(/granted for: (db\d+): .*?Refusal-(db\d+)-/g)].map(([, object, error]) => [
    object,
    error,
  ]);
  t.same(new Map(refused as [string, string][]), new Map(names.map((name) => [name, name])));
});

const binaries: [base64: unknown, written: unknown][] = [
  ['AAEC', '\0\x01\x02'],
  ['w6k=', 'é'],
  ['', ''],
  ['AAE', 20],
  ['A===', 20],
  ['%AAA', 20],
  [1, 20],
];
for (const [base64, expected] of binaries) {
  const what = typeof expected === 'string' ? 'is written as its bytes' : 'ends with a transient failure';
  t.test(`the binary secret ${JSON.stringify(base64)} ${what}`, async (t) => {
    const world = await createWorld(t);
    const body = JSON.stringify({ ARN: 'a', Name: 'db', SecretBinary: base64 });
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'body', body } });
    const { exitCode } = await world.run(world.config([secret('db')], { retryTimeoutSeconds: 1 }));
    t.strictSame(exitCode === 0 ? world.read('db') : exitCode, expected);
  });
}
