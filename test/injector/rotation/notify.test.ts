/** The request that tells the app of a change. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { post } from '../../../injector/rotation/notify.ts';
import { createRotatingWorld, INTERVAL, type Watched, watch } from '../support/rotation.ts';
import { secret } from '../support/world.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const listen = async (t: Test, answer: Answer) => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/reload`;
};

t.test('it is a POST with the paths of the files', async (t) => {
  const requests: string[] = [];
  const url = await listen(t, (request, response) => {
    request.on('data', (body) => {
      requests.push(`${request.method} ${request.url} ${body}`);
      response.end();
    });
  });
  t.equal(await post(url, ['a', 'deep/b']), undefined);
  t.strictSame(requests, ['POST /reload {"files":["a","deep/b"]}']);
});

const refusals: [what: string, answer: Answer, because: string][] = [
  ['an error', (_, response) => response.writeHead(500).end(), 'HTTP status 500'],
  [
    'a redirect, which is not followed',
    (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'HTTP status 302',
  ],
  ['an end without an answer', (request) => request.socket.destroy(), 'ECONNRESET'],
];
for (const [what, answer, because] of refusals) {
  t.test(`${what} is none that counts`, async (t) => {
    t.equal(await post(await listen(t, answer), []), because);
  });
}

t.test('an answer without end is not read', async (t) => {
  const url = await listen(t, (_, response) => {
    response.write('x');
  });
  t.equal(await post(url, []), undefined);
});

t.test('an app that takes the request and does not answer is given 5 seconds', async (t) => {
  const { timeout } = AbortSignal;
  const given: number[] = [];
  const soon = (milliseconds: number) => {
    given.push(milliseconds);
    return timeout.call(AbortSignal, 1);
  };
  t.intercept(AbortSignal, 'timeout', { value: soon });
  t.equal(await post(await listen(t, () => {}), []), 'no answer within 5 s');
  t.strictSame(given, [5_000]);
});

t.test('an app that does not answer yet is notified until it does, and the log says each once', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  let requests = 0;
  const notify = await listen(t, (_, response) => {
    requests += 1;
    response.writeHead(requests < 4 ? 503 : 204).end();
  });
  const config = world.config([secret('db')], { rotation: { seconds: INTERVAL, notify } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  const { lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: 6 * INTERVAL * 1000 });
  t.equal(requests, 4);
  const about = lines.filter(({ message }) => message?.includes(notify));
  t.match(about, [{ level: 'error', code: 'ASI_ROT_NOTIFY', message: /HTTP status 503/ }, { level: 'info' }]);
  t.equal(about.length, 2);
});

t.test('nobody is notified where no file changed', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: '{"used":"x","other":"1"}' });
  let requests = 0;
  const notify = await listen(t, (_, response) => {
    requests += 1;
    response.end();
  });
  const files = [{ path: 'used', mode: '0444', jmesPath: 'used' }];
  const config = world.config([secret('db', { files })], { rotation: { seconds: INTERVAL, notify } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: '{"used":"x","other":"2"}' });
  await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: 3 * INTERVAL * 1000 });
  t.equal(requests, 0);
});

t.test('an app that did not answer a process that was killed is notified by the next one', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const bodies: string[] = [];
  let status = 503;
  const notify = await listen(t, (request, response) => {
    request.on('data', (body) => {
      bodies.push(`${body}`);
      response.writeHead(status).end();
    });
  });
  const config = world.config([secret('db')], { rotation: { seconds: 86_400, notify } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  const limit = 86_401_000;
  const says = async (watched: Watched, text: string) => {
    while (!watched.lines.some(({ message }) => message?.includes(text)))
      await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await says(await watch(world, config, { happenings: [{ at: 1_000, happens }], limit }), 'could not be notified');
  status = 204;
  bodies.length = 0;
  await says(await watch(world, config, { limit }), 'was notified');
  await watch(world, config, { limit });
  t.strictSame(bodies, ['{"files":["db"]}'], 'and it is once');
});
