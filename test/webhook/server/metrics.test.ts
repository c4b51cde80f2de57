/** Tests what Prometheus reads from the real endpoint. */
import t, { type Test } from 'tap';
import { refusal } from '../../../webhook/errors.ts';
import { buildHealthApp } from '../../../webhook/server/health.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { createReadiness } from '../../../webhook/server/readiness.ts';

const NAME = /^aws_secrets_injector_[a-z_]+$/;

async function scraped(t: Test, act: (metrics: ReturnType<typeof createMetrics>) => void = () => {}) {
  const metrics = createMetrics('1.2.3');
  act(metrics);
  const app = buildHealthApp(createReadiness(), metrics);
  t.teardown(() => app.close());
  return app.inject('/metrics');
}

t.test('is text that Prometheus reads', async (t) => {
  const { statusCode, headers } = await scraped(t);
  t.equal(statusCode, 200);
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
});

t.test('our metrics are named by the conventions', async (t) => {
  const { body } = await scraped(t, (metrics) => {
    metrics.uninjectedPods(0);
    metrics.webhookConfiguration(true);
  });
  const ours = [...body.matchAll(/^# TYPE (aws_\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  t.ok(ours.length >= 10);
  for (const { name, type } of ours) {
    t.match(name, NAME);
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
    if (type === 'histogram') t.match(name, /_seconds$/);
    t.notMatch(name, /_(ms|milliseconds|minutes|kb|mb)(_|$)/);
  }
});

const SEVERAL = (['ASI_ADMIT_INVALID_VALUE', 'ASI_ADMIT_INVALID_VALUE', 'ASI_ADMIT_NO_ROLE'] as const).map((code) =>
  refusal(code),
);

const series: [sentence: string, act: (metrics: ReturnType<typeof createMetrics>) => void, line: string][] = [
  ['tells the version', () => {}, 'build_info{version="1.2.3"} 1'],
  [
    'counts answers by outcome and reason',
    (metrics) => metrics.answered({ outcome: 'denied', reason: 'ASI_ADMIT_NO_ROLE' }, 0.004),
    'admission_requests_total{outcome="denied",reason="ASI_ADMIT_NO_ROLE"} 1',
  ],
  [
    'counts a refusal with each of its codes, also those after the first',
    (metrics) => metrics.refused({ outcome: 'denied', refusals: SEVERAL }, 'ReplicaSet'),
    'pods_refused_total{reason="ASI_ADMIT_NO_ROLE",owner="ReplicaSet"} 1',
  ],
  [
    'counts a refusal once with a code that it has twice',
    (metrics) => metrics.refused({ outcome: 'denied', refusals: SEVERAL }, undefined),
    'pods_refused_total{reason="ASI_ADMIT_INVALID_VALUE",owner="none"} 1',
  ],
  [
    'counts pods with rotation by what happens after a change',
    (metrics) => metrics.answered({ outcome: 'injected', reason: 'declared', rotation: 'restart-pod' }, 0.004),
    'rotating_pods_total{action="restart-pod"} 1',
  ],
  ['begins to count pods with rotation at 0', () => {}, 'rotating_pods_total{action="none"} 0'],
  [
    'measures answers in seconds',
    (metrics) => metrics.answered({ outcome: 'injected', reason: 'declared' }, 0.004),
    'admission_duration_seconds_sum{outcome="injected"} 0.004',
  ],
  ['begins to count what is sent away at 0', () => {}, 'admission_rejected_total{reason="overload"} 0'],
  ['begins to count certificates that were kept at 0', () => {}, 'certificate_reloads_total{result="kept"} 0'],
  [
    'counts certificates that were kept',
    (metrics) => metrics.certificateKept(true),
    'certificate_reloads_total{result="kept"} 1',
  ],
  ['begins to count certificates that were loaded at 0', () => {}, 'certificate_reloads_total{result="loaded"} 0'],
  [
    'counts certificates that were loaded',
    (metrics) => metrics.certificateLoaded(),
    'certificate_reloads_total{result="loaded"} 1',
  ],
  ['tells that a certificate is kept', (metrics) => metrics.certificateKept(true), 'certificate_kept 1'],
  ['tells that no certificate is kept any more', (metrics) => metrics.certificateKept(false), 'certificate_kept 0'],
  [
    'tells of a cache that was never filled',
    (metrics) => metrics.cacheFollowed('serviceaccounts'),
    'cache_synced{cache="serviceaccounts"} 0',
  ],
  [
    'tells when the certificate begins',
    (metrics) => metrics.certified({ notBefore: new Date(5000), notAfter: new Date() }),
    'certificate_start_timestamp_seconds 5',
  ],
  ['begins to count connections that were cut at 0', () => {}, 'connections_cut_total{server="health"} 0'],
  [
    'tells when the certificate expires',
    (metrics) => metrics.certified({ notBefore: new Date(0), notAfter: new Date('2026-11-21T12:00:00Z') }),
    'certificate_expiry_timestamp_seconds 1795262400',
  ],
  [
    'tells that the webhook configuration is gone',
    (metrics) => metrics.webhookConfiguration(false),
    'webhook_configuration_present 0',
  ],
  ['tells that a cache is full', (metrics) => metrics.cacheSynced('nodes'), 'cache_synced{cache="nodes"} 1'],
];
for (const [sentence, act, line] of series) {
  t.test(sentence, async (t) => {
    const { body } = await scraped(t, act);
    t.ok(body.split('\n').includes(`aws_secrets_injector_${line}`), line);
  });
}

t.test('says nothing of a webhook configuration that nobody looked for', async (t) => {
  const { body } = await scraped(t);
  t.notMatch(body, /webhook_configuration_present/);
});
