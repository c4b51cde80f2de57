/** The compiled program and an AWS, an agent or a proxy that means harm: a named error each, and few bytes are read. */
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import type { Fault } from '../aws/faults.ts';
import { createWorld, parameter, secret, type World } from './support/world.ts';

const MEBIBYTE = 2 ** 20;

/** More than a few answers and what the sockets of both sides hold of them; an endless one has a GiB. */
const FEW_BYTES = 64 * MEBIBYTE;

/** MiB that the init container may have, beside what the values take. */
const CONTAINER_MEMORY = 96;

/** Milliseconds, many times what a refusal takes. */
const PATIENCE = 30_000;

/** Writes what comes before, and then one chunk after the other until the client closes. Counts the bytes. */
function endless(before: string, chunk: string) {
  const sent = { bytes: 0 };
  const bytes = Buffer.from(chunk.repeat(Math.ceil(65_536 / chunk.length)));
  const write = (socket: Duplex) => {
    const more = () => {
      while (!socket.destroyed && sent.bytes < 1024 * MEBIBYTE) {
        sent.bytes += bytes.length;
        if (!socket.write(bytes)) return;
      }
      socket.destroy();
    };
    socket.on('drain', more).on('error', () => {});
    socket.write(before);
    more();
  };
  return { sent, write };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\n';
const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`;

async function start(t: Test) {
  const world = await createWorld(t, undefined, { podIdentity: {} });
  world.aws.setSecret({ name: 'db', value: 'x' });
  world.aws.setParameter({ name: '/app/key', value: 'x' });
  return world;
}

async function end(world: World, config: InjectorConfig) {
  const child = world.spawn({ ...config, retryTimeoutSeconds: 1 });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const finished = await child.finished;
  clearTimeout(timer);
  return { ...finished, peak: child.peak() };
}

const questions: [what: string, target: Omit<Fault, 'effect'>, change: (world: World) => Partial<InjectorConfig>][] = [
  ['GetSecretValue', { operation: 'GetSecretValue' }, () => ({ objects: [secret('db')] })],
  ['BatchGetSecretValue', { service: 'secretsmanager' }, () => ({ objects: [secret('db'), secret('b')], batch: true })],
  ['GetParameters', { service: 'ssm' }, () => ({ objects: [parameter('/app/key', 'key')] })],
  ['GetParametersByPath', { service: 'ssm' }, () => ({ searches: [{ service: 'ssm', path: '/app' }] })],
  [
    'ListSecrets',
    { service: 'secretsmanager' },
    () => ({ searches: [{ service: 'secretsmanager' as const, prefix: 'd' }] }),
  ],
  ['AssumeRoleWithWebIdentity', { service: 'sts' }, () => ({ objects: [secret('db')] })],
  [
    'AssumeRole',
    { operation: 'AssumeRole' },
    () => ({ objects: [secret('db')], assume: { roleArn: 'arn:aws:iam::210987654321:role/far' } }),
  ],
  [
    'the Pod Identity agent',
    { service: 'pod-identity' },
    (world) => ({ objects: [secret('db')], identity: world.podIdentity() }),
  ],
];
for (const [what, target, change] of questions) {
  t.test(`an endless answer of ${what} is read up to what it documents, and named`, async (t) => {
    const world = await start(t);
    const { sent, write } = endless(`${OK}transfer-encoding: chunked\r\n\r\n`, CHUNK);
    world.aws.fault({ ...target, effect: { kind: 'wire', write } });
    const { exitCode, message } = await end(world, { ...world.config([]), ...change(world) });
    t.equal(exitCode, 10, message);
    t.match(message, 'ASI_AWS_TOO_LARGE');
    t.match(message, / has more than \d+ KiB/);
    t.ok(sent.bytes < FEW_BYTES, `${sent.bytes} bytes`);
    t.strictSame(world.files(), []);
  });
}

const floods: [what: string, before: string, chunk: string][] = [
  ['a body that its content-length allows', `${OK}content-length: 1000000000000\r\n\r\n`, 'x'],
  ['a body without an end', `${OK}\r\n`, 'x'],
  ['a refusal without an end', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'x'],
  ['one header without an end', `${OK}x: `, 'x'],
  ['headers without an end', OK, 'x: y\r\n'],
  ['provisional answers without an end', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['trailers without an end', `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`, 'x: y\r\n'],
  ['a chunk extension without an end', `${OK}transfer-encoding: chunked\r\n\r\n1;`, 'x'],
  ['a status line without an end', 'HTTP/1.1 200 ', 'x'],
];
for (const [what, before, chunk] of floods) {
  t.test(`${what} ends with a named error`, async (t) => {
    const world = await start(t);
    const { sent, write } = endless(before, chunk);
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'wire', write } });
    const { exitCode, message, peak } = await end(world, world.config([secret('db')]));
    t.match(message, /ASI_AWS_(TOO_LARGE|UNAVAILABLE|REQUEST)/);
    t.ok(exitCode === 10 || exitCode === 20, `${exitCode}`);
    // The runtime drops some of these bytes as they come, until the request's time is up.
    t.ok(peak > 0 && peak < CONTAINER_MEMORY, `${peak} MiB of memory after ${sent.bytes} bytes`);
  });
}

const proxies: [what: string, before: string, chunk: string, code: string][] = [
  ['a refusal without an end', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'x', 'ASI_AWS_PROXY'],
  ['headers without an end', 'HTTP/1.1 200 OK\r\n', 'x: y\r\n', 'ASI_AWS_UNAVAILABLE'],
  ['a status line without an end', 'HTTP/1.1 ', 'x', 'ASI_AWS_UNAVAILABLE'],
];
for (const [what, before, chunk, code] of proxies) {
  t.test(`a proxy that answers CONNECT with ${what} ends with a named error`, async (t) => {
    const world = await start(t);
    const { sent, write } = endless(before, chunk);
    const server = createServer((socket) => socket.once('data', () => write(socket)).on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const config = { ...world.config([secret('db')]), aws: { httpsProxy: `http://127.0.0.1:${port}` } };
    const { message } = await end(world, config);
    t.match(message, code);
    // The runtime reads the answer to CONNECT until the connection timeout of 2 s, at 40 MiB a second on a fast machine.
    t.ok(sent.bytes < 256 * MEBIBYTE, `${sent.bytes} bytes`);
  });
}

t.test('an answer that is compressed is not unpacked', async (t) => {
  const world = await start(t);
  const bomb = gzipSync(Buffer.alloc(256 * MEBIBYTE));
  const write = (socket: Duplex) => {
    socket.write(`${OK}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
    socket.write(bomb);
  };
  world.aws.fault({ service: 'secretsmanager', effect: { kind: 'wire', write } });
  const { exitCode, message } = await end(world, world.config([secret('db')]));
  t.equal(exitCode, 20);
  t.match(message, 'the answer is not what AWS sends');
});
