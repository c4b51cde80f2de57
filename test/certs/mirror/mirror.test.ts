/** The configuration for advice gets the caBundle of the other one, and nothing waits for it. */
import t from 'tap';
import { mirrorBundle } from '../../../certs/mirror/mirror.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import { CONFIGURATIONS, startApiServer, until, VALIDATING } from '../../kubernetes/api-server.ts';
import { issue } from '../../webhook/support/tls-client.ts';
import { webhookConfiguration } from '../support/world.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

async function start(t: Parameters<typeof startApiServer>[0]) {
  const server = await startApiServer(t, [CONFIGURATIONS, VALIDATING]);
  const stop = new AbortController();
  const cluster = certificateCluster(server.kubeConfig, SILENT);
  const options = { cluster, from: 'hook', to: 'hook', log: SILENT, signal: stop.signal, pollMilliseconds: 50 };
  const running = mirrorBundle(options);
  t.teardown(() => {
    stop.abort();
    return running;
  });
  const bundles = () =>
    (server.get(VALIDATING, 'hook')?.webhooks ?? []).map(({ clientConfig }) =>
      Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
    );
  return { server, bundles };
}

const encoded = (text: string) => Buffer.from(text).toString('base64');

t.test(
  'writes the CA of the first configuration into every webhook of the second, and again when it changes',
  async (t) => {
    const [one, other] = [(await issue()).cert, (await issue()).cert];
    const { server, bundles } = await start(t);
    server.put(VALIDATING, { ...webhookConfiguration(), kind: 'ValidatingWebhookConfiguration' });
    for (const cert of [one, other]) {
      server.put(CONFIGURATIONS, webhookConfiguration(encoded(cert)));
      await until(() => bundles().length === 2 && bundles().every((bundle) => bundle.trim() === cert.trim()));
    }
    t.pass('both arrived');
  },
);

t.test('puts it back when somebody removes it', async (t) => {
  const { cert } = await issue();
  const { server, bundles } = await start(t);
  server.put(CONFIGURATIONS, webhookConfiguration(encoded(cert)));
  server.put(VALIDATING, { ...webhookConfiguration(), kind: 'ValidatingWebhookConfiguration' });
  await until(() => bundles().every((bundle) => bundle !== '') && bundles().length > 0);
  server.put(VALIDATING, { ...webhookConfiguration(), kind: 'ValidatingWebhookConfiguration' });
  await until(() => bundles().every((bundle) => bundle !== ''));
  t.pass('it is back');
});

t.test('writes nothing while the first configuration has no CA', async (t) => {
  const { server } = await start(t);
  server.put(CONFIGURATIONS, webhookConfiguration());
  server.put(VALIDATING, { ...webhookConfiguration(), kind: 'ValidatingWebhookConfiguration' });
  const reads = () => server.calls.filter(({ path }) => path.startsWith(`${VALIDATING}/`));
  await until(() => reads().length > 3);
  t.notOk(server.calls.some(({ kind }) => kind === 'patch'));
});
