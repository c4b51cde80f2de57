/** Tests the very program of the pod of `helm test`, against a webhook and an API server of this process. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { issueAuthority, issueLeaf } from '../../certs/authority/issue.ts';
import { POLICY } from '../../certs/authority/lifecycle.ts';
import { buildApp } from '../../webhook/server/app.ts';
import { facts, settings } from '../webhook/support/admission.ts';
import { type Rendering, render } from './support/render.ts';

const authority = await issueAuthority(new Date(), POLICY);
const stranger = await issueAuthority(new Date(), POLICY);
const pair = await issueLeaf(new Date(), authority, ['localhost'], POLICY);

const app = buildApp({ settings, facts, pair, logLevel: 'silent' });
await app.listen({ host: 'localhost', port: 0 });
t.teardown(() => app.close());
const url = `https://localhost:${(app.server.address() as AddressInfo).port}/mutate`;

const account = await mkdtemp(join(tmpdir(), 'account-'));
t.teardown(() => rm(account, { recursive: true }));
await writeFile(join(account, 'ca.crt'), authority.cert);
await writeFile(join(account, 'token'), 'a-token');

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/aws-secrets-injector';

function podOf({ Pod }: Rendering) {
  const [test] = Pod?.spec?.containers ?? [];
  if (!test) throw new Error('there is no pod of helm test');
  return { spec: Pod?.spec, metadata: Pod?.metadata, test };
}

/** The program's exit code and what it says, with an API server that answers so. */
async function run(answer: RequestListener, webhook = url): Promise<{ code: number; output: string }> {
  const server = createServer({ cert: pair.cert, key: pair.key }, answer);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { test } = podOf(await render());
  const env = {
    KUBERNETES_SERVICE_HOST: 'localhost',
    KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
    SERVICE_ACCOUNT: account,
    WEBHOOK_URL: webhook,
  };
  const result = await new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile(process.execPath, test.args ?? [], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
  server.close();
  return result;
}

function configurationWith(ca: string | undefined): RequestListener {
  const clientConfig = ca === undefined ? {} : { caBundle: Buffer.from(ca).toString('base64') };
  return ({ url, headers }, response) => {
    if (url !== PATH || headers.authorization !== 'Bearer a-token') response.statusCode = 403;
    response.end(JSON.stringify({ webhooks: [{ clientConfig }] }));
  };
}

t.test('succeeds where the API server trusts the webhook', async (t) => {
  t.strictSame(await run(configurationWith(authority.cert)), {
    code: 0,
    output: 'The webhook answers with a certificate that the API server trusts.\n',
  });
});

t.test('fails where the caBundle is not that of the webhook', async (t) => {
  t.match(await run(configurationWith(stranger.cert)), {
    code: 1,
    output: /did not answer as the API server needs it: /,
  });
});

t.test('fails where nobody has written the caBundle', async (t) => {
  t.match(await run(configurationWith(undefined)), { code: 1, output: /no caBundle yet/ });
});

t.test('fails where the configuration is gone', async (t) => {
  const gone: RequestListener = (_request, response) => response.writeHead(404).end('not found');
  t.match(await run(gone), { code: 1, output: /Could not read the MutatingWebhookConfiguration: HTTP 404/ });
});

t.test('fails where somebody else answers', async (t) => {
  t.match(await run(configurationWith(authority.cert), url.replace('/mutate', '/other')), {
    code: 1,
    output: /HTTP 404/,
  });
});

t.test("calls the Service, as the webhook's own account, without more rights than the webhook has", async (t) => {
  const { spec, metadata, test } = podOf(await render({}, ['--namespace', 'security']));
  t.match(spec, {
    serviceAccountName: 'aws-secrets-injector',
    restartPolicy: 'Never',
    enableServiceLinks: true,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  t.match(test.securityContext, { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  t.strictSame(test.env, [{ name: 'WEBHOOK_URL', value: 'https://aws-secrets-injector.security.svc/mutate' }]);
  t.match(metadata?.annotations, { 'helm.sh/hook': 'test' });
});

t.test('is no pod that the Service selects', async (t) => {
  const { Pod, Service } = await render();
  t.not(Pod?.metadata?.labels?.['app.kubernetes.io/name'], Service.spec?.selector?.['app.kubernetes.io/name']);
});

t.test('is left out where it has no client certificate to show', async (t) => {
  t.notOk((await render({ webhook: { clientCa: authority.cert } })).Pod);
});
