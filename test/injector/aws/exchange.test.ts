/** Tests the requests by the fetch of the runtime: their time-outs, their connections, and whom they trust. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { rootCertificates } from 'node:tls';
import t, { type Test } from 'tap';
import { readText } from '../../../injector/aws/answer.ts';
import { exchange } from '../../../injector/aws/exchange.ts';
import { createTrust, isOfAmazon, trustMachine } from '../../../injector/aws/trust.ts';
import { startAws } from '../../aws/server.ts';
import { createWorld, secret } from '../support/world.ts';

const ask = (port: number, connectionTimeout = 2_000) =>
  exchange({
    url: new URL(`http://127.0.0.1:${port}/path?query`),
    method: 'POST',
    headers: { 'x-own': 'yes' },
    body: 'text',
    trust: trustMachine,
    connectionTimeout,
  });

async function serve(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Listens with a queue for two connections that nobody takes, as the process is stopped. Linux answers to no third one. */
async function silence(t: Test): Promise<number> {
  const program = "require('net').createServer().listen(0,'127.0.0.1',1,function(){console.log(this.address().port)})";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  child.kill('SIGSTOP');
  for (let queued = 0; queued < 2; queued += 1) {
    const socket = connect(Number(line), '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
  }
  return Number(line);
}

t.test('an address that takes no connection is given up before the time for an answer is over', async (t) => {
  await t.rejects(ask(await silence(t), 400), { name: 'ConnectionTimeout' });
});

t.test('an answer that comes later than a connection may is waited for', async (t) => {
  const port = await serve(t, (_, response) => void setTimeout(() => response.end('late'), 400));
  const { status, body } = await ask(port, 100);
  t.equal(status, 200);
  t.equal(await readText(body, 100), 'late');
});

t.test('no timer stays behind an answer that was read', async (t) => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const port = await serve(t, (_, response) => void response.end('text'));
  const before = timers();
  const { body } = await ask(port);
  t.equal(await readText(body, 100), 'text');
  t.equal(timers(), before);
});

t.test('a request is sent as it is, and no redirect is followed', async (t) => {
  const seen: unknown[] = [];
  const port = await serve(t, (request, response) => {
    seen.push(request.method, request.url, request.headers['x-own'], request.headers['accept-encoding']);
    response.writeHead(302, { location: '/elsewhere', 'X-Name': 'value' }).end();
  });
  const { status, headers, body } = await ask(port);
  await readText(body, 0);
  t.equal(status, 302);
  t.match(headers, { location: '/elsewhere', 'x-name': 'value' });
  t.strictSame(seen, ['POST', '/path?query', 'yes', 'identity']);
});

t.test('whoever stops reading an answer closes its connection', async (t) => {
  const closed = Promise.withResolvers<void>();
  const port = await serve(t, (_, response) => {
    response.on('close', () => closed.resolve());
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const { body } = await ask(port);
  await t.rejects(readText(body, 100), { name: 'AnswerTooLarge', limit: 100 });
  await closed.promise;
});

t.test('connections are used again, and there are no more than requests may be in flight', async (t) => {
  const world = await createWorld(t, undefined, { tls: true });
  const names = Array.from({ length: 80 }, (_, index) => `s${index}`);
  for (const name of names) world.aws.setSecret({ name, value: name });
  const config = world.config(names.map((name) => secret(name)));
  const aws = { ...config.aws, caBundle: world.aws.certificate ?? '' };
  const { exitCode, message } = await world.spawn({ ...config, aws }).finished;
  t.equal(exitCode, 0, message);
  t.equal(world.aws.calls.length, 1 + 80);
  t.ok(world.aws.connections() <= 32, `${world.aws.connections()} connections`);
});

t.test(
  'a server whose authority is not among the first ones is sent one request, over a second connection',
  async (t) => {
    const aws = await startAws({ tls: true });
    t.teardown(aws.close);
    const { status, body } = await exchange({
      url: new URL(aws.url),
      method: 'GET',
      headers: {},
      trust: createTrust(rootCertificates.filter(isOfAmazon), [aws.certificate ?? '']),
      connectionTimeout: 2_000,
    });
    await readText(body, 1000);
    t.equal(status, 404);
  },
);

t.test('a server of a strange authority is not trusted, nor one of another name', async (t) => {
  const [world, stranger] = [
    await createWorld(t, undefined, { tls: true, host: '0.0.0.0' }),
    await startAws({ tls: true }),
  ];
  t.teardown(stranger.close);
  const caBundle = world.aws.certificate ?? '';
  const unnamed = world.aws.url.replace('127.0.0.1', '127.0.0.2');
  for (const secretsmanager of [stranger.url, unnamed]) {
    const aws = { endpointUrl: world.aws.url, endpoints: { secretsmanager }, caBundle };
    const config = world.config([secret('a')], { aws, retryTimeoutSeconds: 0.1 });
    const { exitCode, message } = await world.spawn(config).finished;
    t.equal(exitCode, 10, secretsmanager);
    t.match(message, 'ASI_AWS_TLS');
    t.equal(world.aws.calls.filter(({ service }) => service !== 'sts').length, 0, 'and is sent nothing');
  }
});
