/** Tests connections that are opened while the credentials are fetched. */
import t, { type Test } from 'tap';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { startAws } from '../aws/server.ts';
import { createWorld, parameter, secret } from './support/world.ts';

const OTHER = 'eu-central-1';

/** Returns the number of connections that had no request in a run whose credentials are refused after a while. */
async function unusedConnections(t: Test, more: Partial<InjectorConfig>): Promise<number> {
  const world = await createWorld(t, undefined, { tls: true, latency: { sts: 500 } });
  world.aws.fault({ service: 'sts', effect: { kind: 'error', code: 'InvalidIdentityToken', message: '' } });
  const config = world.config([], { retryTimeoutSeconds: 0.1, ...more });
  const aws = { ...config.aws, caBundle: world.aws.certificate ?? '' };
  const { exitCode } = await world.spawn({ ...config, aws }).finished;
  t.equal(exitCode, 10);
  const used = new Set(world.aws.calls.map(({ connection }) => connection));
  t.ok(world.aws.calls.every(({ service }) => service === 'sts'));
  return world.aws.connections() - used.size;
}

t.test('one for each request that is planned, to the services that will be asked, once', async (t) => {
  const objects = [secret('a'), secret('b'), secret('c'), parameter('/d', 'd'), parameter('/e', 'e')];
  t.equal(await unusedConnections(t, { objects }), 3 + 1);
});

t.test('in both regions of a pair', async (t) => {
  const objects = ['a', 'b'].map((name) => secret(name, { failover: { region: OTHER, name } }));
  t.equal(await unusedConnections(t, { objects }), 2 + 2);
});

t.test('one for all that are asked for together, and for each that is not', async (t) => {
  const current = Array.from({ length: 22 }, (_, index) => secret(`s${index}`));
  const objects = [
    ...current,
    secret('s0', { label: 'AWSPREVIOUS', files: [{ path: 'before', mode: '0444' }] }),
    secret('far', { failover: { region: OTHER, name: 'far' } }),
  ];
  t.equal(await unusedConnections(t, { objects, batch: true }), 2 + 1 + (1 + 1));
});

t.test('for a search', async (t) => {
  const searches = [{ service: 'ssm' as const, path: '/app1', folders: [{ path: '', mode: '0644', slash: '_' }] }];
  t.equal(await unusedConnections(t, { searches }), 1);
});

t.test('no more than there may be requests in flight', async (t) => {
  const objects = Array.from({ length: 40 }, (_, index) => secret(`s${index}`));
  t.equal(await unusedConnections(t, { objects }), 32);
});

t.test('are used by the requests that they were opened for', async (t) => {
  const world = await createWorld(t, undefined, { tls: true, latency: { sts: 300 } });
  const names = ['a', 'b', 'c'];
  for (const name of names) world.aws.setSecret({ name, value: name });
  const config = world.config(names.map((name) => secret(name)));
  const aws = { ...config.aws, caBundle: world.aws.certificate ?? '' };
  const { finished } = world.spawn({ ...config, aws });
  t.equal((await finished).exitCode, 0);
  t.equal(world.aws.connections(), 1 + 3);
  t.equal(new Set(world.aws.calls.map(({ connection }) => connection)).size, 1 + 3);
});

t.test('are verified as any other', async (t) => {
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
  }
});
