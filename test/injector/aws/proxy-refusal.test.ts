/** A proxy that refuses: its status, and who has to change what. */
import t from 'tap';
import { proxyThatAnswers } from '../support/proxy.ts';
import { createWorld, secret } from '../support/world.ts';

const refusals: [status: number, message: RegExp, exitCode: number][] = [
  [
    403,
    /the proxy does not let the pod reach this host \(HTTP status 403\)\..*CONNECT.*aws\.noProxy.*\[ASI_AWS_PROXY]/,
    10,
  ],
  [407, /the proxy asks for a user and a password \(HTTP status 407\)\..*aws\.noProxy.*\[ASI_AWS_PROXY]/, 10],
  [404, /the proxy opened no tunnel \(HTTP status 404\)\..*\[ASI_AWS_PROXY]/, 10],
  [429, /the proxy opened no tunnel \(HTTP status 429\)\..*\[ASI_AWS_THROTTLED]/, 20],
  [502, /the proxy opened no tunnel \(HTTP status 502\)\..*\[ASI_AWS_UNAVAILABLE]/, 20],
];
for (const [status, message, exitCode] of refusals) {
  for (const how of ['run', 'spawn'] as const) {
    t.test(`a proxy that answers CONNECT with ${status} is named with it (${how})`, async (t) => {
      const world = await createWorld(t);
      const aws = { httpsProxy: await proxyThatAnswers(t, status) };
      const config = world.config([secret('db')], { aws, retryTimeoutSeconds: 1 });
      const outcome = how === 'run' ? await world.run(config) : await world.spawn(config).finished;
      t.match(outcome.message.replaceAll('\n', ' '), message);
      t.equal(outcome.exitCode, exitCode);
    });
  }
}

t.test('a proxy that asks for a password on the way to a plain http endpoint is named, too', async (t) => {
  const world = await createWorld(t);
  const aws = { httpsProxy: await proxyThatAnswers(t, 407), endpointUrl: 'http://aws.internal:4566' };
  const { exitCode, message } = await world.run(world.config([secret('db')], { aws, retryTimeoutSeconds: 1 }));
  t.match(message, /HTTP status 407.*\[ASI_AWS_PROXY]/);
  t.equal(exitCode, 10);
});
