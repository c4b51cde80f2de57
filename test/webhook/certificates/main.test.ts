import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { emptySecret, makeWorld, webhookConfiguration } from '../../certs/support/world.ts';
import { CONFIGURATIONS, SECRETS, VALIDATING } from '../../kubernetes/api-server.ts';

/** The program as it is in the image. */
const PROGRAM = fileURLToPath(new URL('../../../dist/certs.mjs', import.meta.url));
const SOURCE = fileURLToPath(new URL('../../../webhook/certificates/main.ts', import.meta.url));
const FLAGS = ['--secret', 'injector-tls', '--service', 'hook', '--webhook-configuration', 'hook'];

async function makeCluster(test: Test) {
  const world = await makeWorld(test);
  const folder = test.testdir({ kubeconfig: world.server.kubeConfig.exportConfig() });
  return { world, env: { KUBECONFIG: `${folder}/kubeconfig`, POD_NAMESPACE: 'injector', HOME: folder } };
}

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
  return { ended };
}

t.test('--help says how it is used', async (t) => {
  t.match(await start(['--help']).ended, { code: 0, output: /Usage: certs --once/ });
});

for (const args of [[], ['--watch'], ['--once', '--sekret', 'x']]) {
  t.test(`${args.join(' ') || 'nothing'} is refused with a pointer to the help`, async (t) => {
    const { code, output } = await start(args).ended;
    t.equal(code, 2);
    t.match(JSON.parse(output), { level: 'error', message: /certs\.mjs --help/ });
  });
}

t.test('--once makes what is missing and ends', async (t) => {
  const { world, env } = await makeCluster(t);
  t.match(await start(['--once', ...FLAGS], env).ended, { code: 0, output: /Issued a server certificate/ });
  t.same(world.bundles(), [world.secret()['ca.crt'], world.secret()['ca.crt']]);
  t.match(await start(['--once', ...FLAGS], env).ended, { code: 0, output: '' }, 'and a second time has nothing to do');
});

t.test('--once writes the CA into the configuration of the advice as well', async (t) => {
  const { world, env } = await makeCluster(t);
  world.server.put(VALIDATING, { ...webhookConfiguration(), kind: 'ValidatingWebhookConfiguration' });
  t.match(await start(['--once', ...FLAGS], env).ended, { code: 0, output: /Wrote the CAs into its caBundles/ });
  const bundles = (world.server.get(VALIDATING, 'hook')?.webhooks ?? []).map(({ clientConfig }) =>
    Buffer.from(clientConfig.caBundle ?? '', 'base64').toString(),
  );
  t.same(bundles, world.bundles());
});

t.test('--once succeeds where it may not write the configuration of the advice, and warns', async (t) => {
  const { world, env } = await makeCluster(t);
  world.server.state.fault = ({ path }) => (path.startsWith(VALIDATING) ? 403 : undefined);
  t.match(await start(['--once', ...FLAGS], env).ended, { code: 0, output: /"level":"warn".*answered 403/ });
});

t.test('--once says what a pod without a token, or a folder without a kubeconfig, lacks', async (t) => {
  const ended = start(['--once'], { HOME: t.testdir({}) }).ended;
  t.match(await ended, { code: 1, output: /neither a kubeconfig nor a pod's ServiceAccount token/ });
});

t.test('--once fails where there is no webhook configuration, and says so', async (t) => {
  const { world, env } = await makeCluster(t);
  world.server.remove(CONFIGURATIONS, webhookConfiguration());
  t.match(await start(['--once', ...FLAGS], env).ended, {
    code: 3,
    output:
      /^\{"time":"\d{4}-[^"]+Z","level":"error","message":"[^"]*no such MutatingWebhookConfiguration that can be used\. Install the chart/m,
  });
});

t.test('--once fails where there is no Secret, makes none, and says so', async (t) => {
  const { world, env } = await makeCluster(t);
  world.server.remove(SECRETS, emptySecret());
  t.match(await start(['--once', ...FLAGS], env).ended, { code: 3, output: /no such Secret that can be used/ });
  t.equal(world.server.get(SECRETS, 'injector-tls'), undefined);
});

t.test(
  '--once fails where the API server refuses or does not answer, with its reason and a code to try again',
  async (t) => {
    const { world, env } = await makeCluster(t);
    world.server.state.fault = ({ kind }) => (kind === 'replace' ? 403 : undefined);
    t.match(await start(['--once', ...FLAGS], env).ended, {
      code: 1,
      output: /the API server answered 403: as the test/,
    });
    await world.server.close();
    t.match(await start(['--once', ...FLAGS], env).ended, { code: 1, output: /ECONNREFUSED/ });
  },
);

t.test('two --once at once on an empty Secret agree', async (t) => {
  const { world, env } = await makeCluster(t);
  const both = await Promise.all([1, 2].map(() => start(['--once', ...FLAGS], env).ended));
  t.same(
    both.map(({ code }) => code),
    [0, 0],
  );
  t.same(world.bundles(), [world.secret()['ca.crt'], world.secret()['ca.crt']]);
});

t.test('--help names every option, variable and exit code', async (t) => {
  const { output } = await start(['--help']).ended;
  const source = await readFile(SOURCE, 'utf8');
  const options = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{\s+?type|^ {2}'?([a-z-]+)'?: \{ type/gm)].map(
    (m) => m[1] ?? m[2],
  );
  t.ok(options.length >= 6);
  for (const option of options) t.match(output, `--${option}`);
  for (const [variable] of source.matchAll(/\bPOD_[A-Z_]+/g)) t.match(output, `$${variable}`);
  for (const code of [0, 1, 2, 3]) t.match(output, new RegExp(`^ {2}${code} {2}\\S`, 'm'));
});
