/** Has the metrics for Prometheus. They have no names of pods, namespaces or secrets. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Answer } from '../admission/admit.ts';
import { ROTATION_ACTIONS } from '../mutate/rotation.ts';
import { ADVICE_RESULTS, type AdviceResult } from './advice.ts';
import type { Intake } from './intake.ts';

export type Metrics = ReturnType<typeof createMetrics>;

const PREFIX = 'aws_secrets_injector_';

/** Creates all metrics in a registry of their own. */
export function createMetrics(version: string) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = { name: `${PREFIX}build_info`, help: 'Always 1', labelNames: ['version'], registers: [registry] };
  new Gauge(build).set({ version }, 1);
  return {
    registry,
    ...reviewMetrics(registry),
    ...loadMetrics(registry),
    ...certificateMetrics(registry),
    ...lookedAtMetrics(registry),
    ...cacheMetrics(registry),
  };
}

function reviewMetrics(registry: Registry) {
  const registers = [registry];
  const requests = new Counter({
    name: `${PREFIX}admission_requests_total`,
    help: 'Admission requests by outcome and reason; reinvocation and taken-over are the reasons for pods that have the injection already',
    labelNames: ['outcome', 'reason'],
    registers,
  });
  const duration = new Histogram({
    name: `${PREFIX}admission_duration_seconds`,
    help: 'Time from the parsed request to the answer',
    labelNames: ['outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const advice = new Counter({
    name: `${PREFIX}advice_requests_total`,
    help: 'Reviews of workloads by what came of them: warned, nothing to warn of, or busy with pods and not looked at',
    labelNames: ['result'],
    registers,
  });
  for (const result of ADVICE_RESULTS) advice.inc({ result }, 0);
  const refused = new Counter({
    name: `${PREFIX}pods_refused_total`,
    help: 'Refusals of pods by code and by what owns the pod: a refusal with several codes counts once for each, and a refused pod of a controller is created again and again',
    labelNames: ['reason', 'owner'],
    registers,
  });
  const rotating = new Counter({
    name: `${PREFIX}rotating_pods_total`,
    help: 'Pods that were injected with rotation, by the last thing that happens after a change',
    labelNames: ['action'],
    registers,
  });
  for (const action of ROTATION_ACTIONS) rotating.inc({ action }, 0);
  return {
    advised(result: AdviceResult): void {
      advice.inc({ result });
    },
    refused({ outcome, refusals = [] }: Pick<Answer, 'outcome' | 'refusals'>, owner: string | undefined): void {
      if (outcome !== 'denied') return;
      for (const reason of new Set(refusals.map(({ code }) => code))) refused.inc({ reason, owner: ownerOf(owner) });
    },
    answered({ outcome, reason, rotation }: Pick<Answer, 'outcome' | 'reason' | 'rotation'>, seconds: number): void {
      requests.inc({ outcome, reason });
      duration.observe({ outcome }, seconds);
      if (rotation) rotating.inc({ action: rotation });
    },
    /** Counts a request that was answered with an error, and not with a review. */
    failed(reason: 'malformed' | 'ASI_ADMIT_INTERNAL'): void {
      requests.inc({ outcome: 'failed', reason });
    },
  };
}

/** The kinds of owners that are told apart, because anybody may write any kind into a pod. */
const OWNERS = ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'];

function ownerOf(kind: string | undefined): string {
  if (kind === undefined) return 'none';
  return OWNERS.includes(kind) ? kind : 'other';
}

function loadMetrics(registry: Registry) {
  const registers = [registry];
  const rejected = new Counter({
    name: `${PREFIX}admission_rejected_total`,
    help: 'Requests answered with 503, which the API server sends again: too many reviews (overload), or a body that came too slowly for the memory that others needed (slow)',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of ['overload', 'slow']) rejected.inc({ reason }, 0);
  const cut = new Counter({
    name: `${PREFIX}connections_cut_total`,
    help: 'Connections closed because there were too many, or because their clients did not read the answers',
    labelNames: ['server'],
    registers,
  });
  for (const server of ['admission', 'health']) cut.inc({ server }, 0);
  return {
    rejected(reason: 'overload' | 'slow'): void {
      rejected.inc({ reason });
    },
    connectionCut(server: 'admission' | 'health'): void {
      cut.inc({ server });
    },
    /** Shows how full the intake is whenever somebody looks. */
    follow({ inFlight, waiting }: Intake): void {
      for (const [name, help, read] of [
        ['admission_in_flight', 'Reviews in memory', inFlight],
        ['admission_waiting', 'Reviews that wait until others have been answered', waiting],
      ] as const) {
        const collect = function (this: Gauge) {
          this.set(read());
        };
        new Gauge({ name: `${PREFIX}${name}`, help, collect, registers });
      }
    },
  };
}

function certificateMetrics(registry: Registry) {
  const registers = [registry];
  const expiry = new Gauge({
    name: `${PREFIX}certificate_expiry_timestamp_seconds`,
    help: 'When the certificate being served expires',
    registers,
  });
  const start = new Gauge({
    name: `${PREFIX}certificate_start_timestamp_seconds`,
    help: 'When the certificate being served begins: its lifetime tells how soon its end is too soon',
    registers,
  });
  const reloads = new Counter({
    name: `${PREFIX}certificate_reloads_total`,
    help: 'Certificates taken into service, the first one included, and broken ones for which the good one was kept',
    labelNames: ['result'],
    registers,
  });
  const kept = new Gauge({
    name: `${PREFIX}certificate_kept`,
    help: '1 while what should replace the certificate being served is broken or missing',
    registers,
  });
  // There from the first look on, as the first increase would be missed otherwise.
  for (const result of ['loaded', 'kept']) reloads.inc({ result }, 0);
  return {
    certified({ notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date }): void {
      start.set(notBefore.getTime() / 1000);
      expiry.set(notAfter.getTime() / 1000);
    },
    certificateLoaded(): void {
      reloads.inc({ result: 'loaded' });
    },
    /** Sets whether the certificate stays in service because its successor can't be served. */
    certificateKept(isKept: boolean): void {
      kept.set(isKept ? 1 : 0);
      if (isKept) reloads.inc({ result: 'kept' });
    },
  };
}

/** Each metric is registered when it is first set, because a 0 that nobody has looked for would raise an alert. */
function lookedAtMetrics(registry: Registry) {
  const configuration = new Gauge({
    name: `${PREFIX}webhook_configuration_present`,
    help: '1 where the MutatingWebhookConfiguration is there with a webhook in it; no value where nobody looks',
    registers: [],
  });
  const uninjected = new Gauge({
    name: `${PREFIX}uninjected_pods`,
    help: 'Pods that declare something and run without our container; no value where nobody looks',
    registers: [],
  });
  return {
    webhookConfiguration(present: boolean): void {
      registry.registerMetric(configuration);
      configuration.set(present ? 1 : 0);
    },
    uninjectedPods(count: number): void {
      registry.registerMetric(uninjected);
      uninjected.set(count);
    },
  };
}

function cacheMetrics(registry: Registry) {
  const registers = [registry];
  const synced = new Gauge({
    name: `${PREFIX}cache_synced`,
    help: '1 where the cache has been filled from the Kubernetes API',
    labelNames: ['cache'],
    registers,
  });
  const contact = new Gauge({
    name: `${PREFIX}cache_last_contact_timestamp_seconds`,
    help: 'Time of the last message of the Kubernetes API to this cache; if it is minutes ago, the cache may be out of date',
    labelNames: ['cache'],
    registers,
  });
  return {
    /** Sets the metric to 0 from the start, because a cache that is never filled would raise no alert otherwise. */
    cacheFollowed(cache: string): void {
      synced.set({ cache }, 0);
    },
    cacheSynced(cache: string): void {
      synced.set({ cache }, 1);
    },
    cacheContact(cache: string): void {
      contact.setToCurrentTime({ cache });
    },
  };
}
