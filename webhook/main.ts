/** Is the process of the webhook: it reads the settings, and starts and stops the caches and the servers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { keepCertificates } from '../certs/certificates.ts';
import manifest from '../package.json' with { type: 'json' };
import type { Facts } from './admission/facts.ts';
import { EXTERNAL_RESOURCES } from './cluster/external-secrets.ts';
import { clusterFacts } from './cluster/facts.ts';
import { injectedWithWarnings, podEvents, UNINJECTED } from './cluster/pod-events.ts';
import { findUninjectedPods } from './cluster/uninjected-pods.ts';
import { certificateCluster } from './kubernetes/certificate-cluster.ts';
import { buildApp } from './server/app.ts';
import { buildHealthApp } from './server/health.ts';
import { listenEverywhere } from './server/listen.ts';
import { logLine } from './server/log-format.ts';
import { linesTo } from './server/log-lines.ts';
import { createMetrics } from './server/metrics.ts';
import { createReadiness } from './server/readiness.ts';
import { useCertificate } from './server/tls.ts';
import { readSettings, SETTINGS_ENV } from './settings.ts';

/** Until every node has heard that this replica is gone, and the API server has left its connections. */
const DRAIN_MS = 8000;

const { [SETTINGS_ENV]: text, POD_NAMESPACE: namespace } = process.env;
const read = readSettings(text);
if (!read.ok || !namespace) {
  process.stderr.write(logLine('error', read.ok ? 'POD_NAMESPACE is not set; the chart sets it.' : read.problem));
  process.exit(2);
}
const { settings } = read;

const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();

const stop = new AbortController();
const { signal } = stop;
// Without the ExternalSecrets, pods would pass that are to be served from them.
const takesAll = settings.takeOverExternalSecrets === 'all';
const readiness = createReadiness(['serviceaccounts', ...(takesAll ? ['externalsecrets'] : [])]);
const metrics = createMetrics(manifest.version);

// The facts need the app's log, and are there before the app listens.
const facts: Facts = {
  roleOf: (...asked) => cluster.roleOf(...asked),
  region: () => cluster.region(),
  classOf: (...asked) => cluster.classOf(...asked),
  externalSecretOf: (...asked) => cluster.externalSecretOf(...asked),
  externalSecretsFor: (...asked) => cluster.externalSecretsFor(...asked),
  storeOf: (...asked) => cluster.storeOf(...asked),
  envFiles: () => cluster.envFiles(),
  serverVersion: (...asked) => cluster.serverVersion(...asked),
};
const logStream = linesTo(1);
process.on('exit', logStream.flush);
const app = buildApp({
  settings: { ...settings, namespace },
  facts,
  metrics,
  logLevel: settings.logLevel,
  logStream,
  draining: readiness.draining,
  maxConcurrentReviews: settings.maxConcurrentReviews,
  advises: settings.advice !== undefined,
  ...(settings.clientCa && { clientCa: settings.clientCa }),
});
const { log } = app;
const external = settings.takeOverExternalSecrets !== 'never';
const caches = [
  'serviceaccounts',
  'secretproviderclasses',
  'nodes',
  ...(external ? EXTERNAL_RESOURCES : []),
  ...(settings.uninjectedPods ? ['pods', 'namespaces'] : []),
];
for (const cache of caches) metrics.cacheFollowed(cache);
const cluster = clusterFacts({
  kubeConfig,
  log,
  signal,
  external,
  onSynced(cache) {
    readiness.cacheSynced(cache);
    metrics.cacheSynced(cache);
  },
  onContact: metrics.cacheContact,
});

const certificates = keepCertificates(settings.certificates, {
  cluster: certificateCluster(kubeConfig, log),
  namespace,
  log,
  signal,
  onPair(pair) {
    useCertificate(app, pair);
    readiness.certified(pair.notAfter);
    metrics.certified(pair);
    metrics.certificateLoaded();
  },
  onKept: metrics.certificateKept,
  onProblem: readiness.certificateProblem,
  onConfiguration: metrics.webhookConfiguration,
  validatingConfigurationName: settings.advice?.webhookConfigurationName,
});

if (settings.uninjectedPods) {
  const tell = settings.uninjectedPods.events ? podEvents({ kubeConfig, log, signal }) : undefined;
  findUninjectedPods({
    ...{ kubeConfig, log, signal, namespace },
    onCount: metrics.uninjectedPods,
    onFound(pod) {
      log.warn({ namespace: pod.namespace, pod: pod.name }, 'A pod declares secrets and was created without them');
      tell?.(pod, UNINJECTED);
    },
    onWarned: (pod, warnings) => tell?.(pod, injectedWithWarnings(warnings)),
    onSynced: metrics.cacheSynced,
    onContact: metrics.cacheContact,
  });
}

const health = buildHealthApp(readiness, metrics);

async function shutDown(name: string): Promise<void> {
  log.info({ signal: name, drainMs: DRAIN_MS }, 'Unready now; serving on until the others have heard');
  readiness.drain();
  await sleep(DRAIN_MS);
  await app.close();
  stop.abort();
  await certificates;
  await health.close();
  process.exit(0);
}

/** Listens, and waits for the end of the certificates. A failure ends the process. */
async function serve(): Promise<void> {
  await listenEverywhere(health, settings.healthPort);
  await listenEverywhere(app, settings.port);
  readiness.listening();
  await certificates;
}

for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => void shutDown(name));
void serve();
