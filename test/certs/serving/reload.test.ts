/** Reviews that go on while certificates change, as an API server sends them: each CA of the caBundle is trusted, no other. */
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { keepCertificates, type Mode } from '../../../certs/certificates.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import { buildApp } from '../../../webhook/server/app.ts';
import { createReadiness } from '../../../webhook/server/readiness.ts';
import { useCertificate } from '../../../webhook/server/tls.ts';
import { CONFIGURATIONS, SECRETS, until } from '../../kubernetes/api-server.ts';
import { facts, reviewOf, settings } from '../../webhook/support/admission.ts';
import { makeVolume } from '../support/volume.ts';
import { makeWorld, NAMES, webhookConfiguration } from '../support/world.ts';

const RELOADS = 8;
const HOST = 'hook.injector.svc';
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
const REVIEW = JSON.stringify(reviewOf({ metadata: { name: 'x' }, spec: { containers: [{ name: 'app' }] } }));

const authority = await issueAuthority(new Date(), POLICY);

/** Starts a mode, and returns how a new certificate comes about in it. */
async function makeMode(test: Test, mode: Mode['mode']) {
  const world = await makeWorld(test);
  const volume = makeVolume(test.testdir({}));
  const write = async () => {
    const leaf = await issueLeaf(new Date(), authority, [HOST], POLICY);
    await volume.write({ 'tls.crt': leaf.cert, 'tls.key': leaf.key, 'ca.crt': authority.cert });
  };
  const inFolder = { directory: volume.directory, serviceName: 'hook', webhookConfigurationName: 'hook' };
  if (mode === 'self-managed') {
    const { namespace: _, ...names } = NAMES;
    const renew = async () => {
      const secret = world.server.get(SECRETS, NAMES.secretName);
      if (secret) world.server.put(SECRETS, { ...secret, data: { ...secret.data, 'tls.crt': '' } });
    };
    return { world, mode: { mode, ...names } satisfies Mode, renew };
  }
  await write();
  if (mode === 'provided')
    return { world, mode: { mode, ...inFolder, caBundle: 'ca.crt' } satisfies Mode, renew: write };
  world.server.put(CONFIGURATIONS, webhookConfiguration(Buffer.from(authority.cert).toString('base64')));
  return { world, mode: { mode, ...inFolder } satisfies Mode, renew: write };
}

function review(port: number, ca: string, agent: Agent | false): Promise<string> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(REVIEW) };
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', servername: HOST, port, path: '/mutate', method: 'POST', headers, ca, agent };
    const call = request(options, async (response) => {
      await response.toArray();
      resolve(String(response.statusCode));
    });
    call.on('error', ({ message }) => resolve(message));
    call.end(REVIEW);
  });
}

for (const name of ['self-managed', 'cert-manager', 'provided'] as const) {
  t.test(`${name}: no review is lost while the certificate changes again and again`, async (t) => {
    const { world, mode, renew } = await makeMode(t, name);
    const app = buildApp({ settings, facts, logLevel: 'silent' });
    const readiness = createReadiness();
    const stop = new AbortController();
    let reloads = 0;
    const onPair = (pair: { cert: string; key: string; notAfter: Date }) => {
      useCertificate(app, pair);
      readiness.certified(pair.notAfter);
      reloads += 1;
    };
    const { kubeConfig } = world.server;
    const keeping = keepCertificates(mode, {
      cluster: certificateCluster(kubeConfig, SILENT),
      namespace: 'injector',
      log: SILENT,
      signal: stop.signal,
      onPair,
    });
    t.ok(readiness.obstacles(new Date()).includes('no certificate yet'));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    await until(() => reloads > 0);
    const answers: string[] = [];
    const client = async (agent: Agent | false) => {
      while (!stop.signal.aborted) answers.push(await review(port, world.bundles()[0] ?? '', agent));
    };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const clients = [client(false), client(false), client(agent)];
    for (let count = 1; count <= RELOADS; count++) {
      const [changes, asked] = [reloads, answers.length];
      await renew();
      await until(() => reloads > changes && answers.length > asked + 10);
    }
    stop.abort();
    await Promise.all([...clients, keeping]);
    agent.destroy();
    await app.close();
    t.same(new Set(answers), new Set(['200']), `${answers.length} reviews, ${reloads} certificates`);
    t.notMatch(readiness.obstacles(new Date()).join(), /certificate/);
    const end = new Date(Date.now() + POLICY.leafLifetime);
    t.ok(readiness.obstacles(end).includes('the certificate has expired'), 'and readiness would report its end');
  });
}
