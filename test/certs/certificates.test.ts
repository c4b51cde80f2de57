/** Tests what the rest of the product uses of certs/, on a cluster in memory. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import timers from 'node:timers/promises';
import t, { type Test } from 'tap';
import { keepCertificates, type Mode, renewCertificates } from '../../certs/certificates.ts';
import type { Pair } from '../../certs/host.ts';
import { holds } from '../../certs/pem/bundle.ts';
import { until } from '../kubernetes/api-server.ts';
import { memoryCluster, memoryLog, NAMES } from './support/memory.ts';
import { issue } from './support/provided.ts';

const { namespace, ...OTHERS } = NAMES;

t.test('the command makes a certificate, publishes its CA, and copies it to the advice', async (t) => {
  const world = memoryCluster();
  world.validating = [''];
  const { log, lines } = memoryLog();
  t.equal(await renewCertificates(NAMES, { cluster: world.cluster, log }), undefined);
  t.ok(world.validating.length === 1 && holds(world.validating[0] ?? '', world.secret?.['ca.crt'] ?? ''));
  t.strictSame(lines.at(-1), [
    'info',
    { validatingWebhookConfigurationName: 'hook' },
    'Wrote the CAs into its caBundles.',
  ]);
  world.calls.length = 0;
  t.equal(await renewCertificates(NAMES, { cluster: world.cluster, log }), undefined, 'and again');
  t.notMatch(world.calls.join(), 'write');
});

t.test('the command names the object that is missing', async (t) => {
  const world = memoryCluster();
  const { log } = memoryLog();
  world.bundles = undefined;
  t.equal(await renewCertificates(NAMES, { cluster: world.cluster, log }), 'MutatingWebhookConfiguration');
  world.secret = undefined;
  t.equal(await renewCertificates(NAMES, { cluster: world.cluster, log }), 'Secret');
});

const warning = (reason: string) => [
  'warn',
  { validatingWebhookConfigurationName: 'hook' },
  `Could not write the CAs into its caBundles, so that \`kubectl apply\` shows no warnings: ${reason}. The webhook tries it too.`,
];

t.test('what keeps the command from the copy is a warning, and the certificate is good', async (t) => {
  const world = memoryCluster();
  const { log, lines } = memoryLog();
  await renewCertificates(NAMES, { cluster: world.cluster, log });
  world.validating = [''];
  world.isRacing = true;
  world.calls.length = 0;
  t.equal(await renewCertificates(NAMES, { cluster: world.cluster, log }), undefined);
  t.equal(world.calls.filter((call) => call === 'write validating hook').length, 5);
  t.strictSame(lines.at(-1), warning('others changed it first, 5 times in a row'));
  for (const refusal of [new Error('it is forbidden'), 'it is forbidden']) {
    world.refusal = refusal;
    t.equal(await renewCertificates(NAMES, { cluster: world.cluster, log }), undefined);
    t.strictSame(lines.at(-1), warning('it is forbidden'));
  }
});

/** Keeps certificates until the test is over, and returns what came of it. */
function keep(t: Test, world: ReturnType<typeof memoryCluster>, mode: Mode, validatingConfigurationName?: string) {
  const stop = new AbortController();
  const { log, lines } = memoryLog();
  const served: Pair[] = [];
  const problems: string[] = [];
  const running = keepCertificates(mode, {
    cluster: world.cluster,
    namespace,
    signal: stop.signal,
    log,
    validatingConfigurationName,
    onPair: (pair) => void served.push(pair),
    onProblem: (problem) => void problems.push(problem),
  });
  t.teardown(async () => {
    stop.abort();
    await running;
  });
  return { lines, served, problems };
}

t.test('self-managed certificates are served and mirrored, and the objects are watched', async (t) => {
  const world = memoryCluster();
  world.validating = [''];
  const { served } = keep(t, world, { mode: 'self-managed', ...OTHERS }, 'advice');
  await until(() => {
    for (const change of world.changed) change();
    return served.length > 0 && holds(world.validating?.[0] ?? '', world.secret?.['ca.crt'] ?? 'x');
  });
  t.strictSame(world.calls.filter((call) => call.startsWith('watch')).sort(), [
    'watch injector/injector-tls',
    'watch mutating hook',
    'watch mutating hook',
    'watch validating advice',
  ]);
});

t.test('without a name, nothing is mirrored', async (t) => {
  const world = memoryCluster();
  const { served } = keep(t, world, { mode: 'self-managed', ...OTHERS });
  await until(() => served.length > 0);
  t.notMatch(world.calls.join(), 'validating');
});

/** Returns a folder as the kubelet mounts a Secret. */
async function mounted(t: Test) {
  const directory = t.testdir({});
  const files = await issue();
  mkdirSync(join(directory, '..1'));
  symlinkSync('..1', join(directory, '..data'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, '..1', name), text);
    symlinkSync(`..data/${name}`, join(directory, name));
  }
  return { directory, files };
}

t.test('a CA of ca.crt is published, and one that was given is not', async (t) => {
  const { directory, files } = await mounted(t);
  const at = { mode: 'provided', directory, serviceName: 'hook', webhookConfigurationName: 'hook' } as const;
  const publishing = memoryCluster();
  const one = keep(t, publishing, { ...at, caBundle: 'ca.crt' });
  await until(() => one.served.length > 0);
  t.ok(publishing.bundles?.every((bundle) => holds(bundle, files['ca.crt'])));
  const given = memoryCluster();
  given.bundles = [files['ca.crt'], files['ca.crt']];
  const other = keep(t, given, { ...at, caBundle: 'given' });
  await until(() => other.served.length > 0);
  t.notMatch(given.calls.join(), 'write');
});

t.test('a certificate for another Service is a problem that names the host', async (t) => {
  const { directory } = await mounted(t);
  const { problems, served } = keep(t, memoryCluster(), { mode: 'cert-manager', directory, serviceName: 'other' });
  await until(() => problems.length > 0);
  t.match(problems[0], 'other.injector.svc');
  t.equal(served.length, 0);
});

t.test('a folder may be used without a name of a Service or a configuration', async (t) => {
  const { directory } = await mounted(t);
  const world = memoryCluster();
  const { served } = keep(t, world, { mode: 'cert-manager', directory });
  await until(() => served.length > 0);
  t.strictSame(world.calls, []);
});

/** Returns the milliseconds of each pause that begins from now on until the test is over. */
function watchPauses(t: Test): unknown[] {
  const pauses: unknown[] = [];
  const { setTimeout } = timers;
  const set = (pause: typeof setTimeout) => {
    timers.setTimeout = pause;
    syncBuiltinESMExports();
  };
  set((milliseconds, ...more) => {
    pauses.push(milliseconds);
    return setTimeout(milliseconds, ...more);
  });
  t.teardown(() => set(setTimeout));
  return pauses;
}

t.test('where nothing is known to have changed, each look is half a minute after the last', async (t) => {
  const { directory } = await mounted(t);
  const isLooking = (pauses: unknown[], count: number) => pauses.filter((each) => each === 30_000).length >= count;
  const pauses = watchPauses(t);
  keep(t, memoryCluster(), { mode: 'cert-manager', directory });
  await until(() => isLooking(pauses, 1));
  pauses.length = 0;
  const world = memoryCluster();
  world.validating = [''];
  keep(t, world, { mode: 'self-managed', ...OTHERS }, 'advice');
  await until(() => isLooking(pauses, 2));
  t.notOk(pauses.includes(60_000) || pauses.includes(15_000));
});
