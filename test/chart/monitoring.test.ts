import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { createMetrics } from '../../webhook/server/metrics.ts';
import { CHART } from './support/helm.ts';
import { container, render } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

const everything = await render(VALUE_SETS['everything that Prometheus and Grafana take']?.values);
const alertsFile = parse(await readFile(join(CHART, 'files/alerts.yaml'), 'utf8'));
const dashboardFile = JSON.parse(await readFile(join(CHART, 'files/dashboard.json'), 'utf8'));

type Rule = { alert: string; expr: string; for: string; labels: object; annotations: Record<string, string> };
type Panel = {
  id: number;
  title: string;
  description: string;
  datasource: { uid: string };
  targets: { expr: string; datasource: { uid: string } }[];
  fieldConfig: { defaults: { unit?: string } };
};
const rules: Rule[] = alertsFile.groups.flatMap((group: { rules: Rule[] }) => group.rules);
const panels: Panel[] = dashboardFile.panels;

/** Returns the metrics of a webhook that runs with everything on. */
function shown(): Map<string, ReadonlySet<string>> {
  const metrics = createMetrics('test');
  metrics.follow({ inFlight: () => 0, waiting: () => 0 } as Parameters<typeof metrics.follow>[0]);
  metrics.uninjectedPods(0);
  metrics.webhookConfiguration(true);
  const all = metrics.registry.getMetricsAsArray() as unknown as { name: string; labelNames?: string[] }[];
  return new Map(all.map(({ name, labelNames = [] }) => [name, new Set(labelNames)]));
}

/** Each metric of an expression, with the labels that its braces ask for. */
function metricsIn(expression: string): { name: string; labels: string[] }[] {
  const found = expression.matchAll(/\b((?:aws_secrets_injector|process)_\w+)(?:\{([^}]*)\})?/g);
  return [...found].map(([, name = '', braces = '']) => ({
    name: name.replace(/_bucket$/, ''),
    labels: [...braces.matchAll(/(\w+)\s*=/g)]
      .map(([, label = '']) => label)
      .filter((label) => label !== 'job' && label !== 'cluster'),
  }));
}

t.test('asks only for metrics and labels that the webhook shows', async (t) => {
  const known = shown();
  const expressions = [
    ...rules.map(({ expr }) => expr),
    ...panels.flatMap(({ targets }) => targets.map((q) => q.expr)),
  ];
  const asked = expressions.flatMap(metricsIn);
  t.ok(
    asked.length >= expressions.length - 5,
    'in all expressions but those of the API server and of kube-state-metrics',
  );
  for (const { name, labels } of asked) {
    t.ok(known.has(name), `${name} is shown`);
    for (const label of labels) t.ok(known.get(name)?.has(label), `${name} has the label ${label}`);
  }
});

t.test('puts the alerts and the dashboard into the cluster as the files have them', async (t) => {
  t.strictSame((everything['PrometheusRule'] as { spec: unknown }).spec, alertsFile);
  t.strictSame(JSON.parse(everything.ConfigMap?.data?.['aws-secrets-injector.json'] ?? ''), dashboardFile);
  t.match(everything.ConfigMap?.metadata?.labels, { grafana_dashboard: '1' });
});

t.test('nobody but the API server and our own failures raises a critical alert about reviews', async (t) => {
  const critical = rules.filter(({ labels }) => 'severity' in labels && labels.severity === 'critical');
  const counted = critical.filter(({ expr }) => /admission_(requests|rejected)_total|connections_cut/.test(expr));
  t.match(counted, [{ alert: 'AwsSecretsInjectorReviewsFail', expr: /reason!="malformed"/ }]);
});

t.test('each alert waits, has a severity, and says what to do', async (t) => {
  for (const rule of rules) {
    t.match(rule, { for: /^\d+m$/, labels: { severity: /^(critical|warning)$/ } }, rule.alert);
    t.match(rule.annotations, { summary: /\S/, description: /\.$/ }, rule.alert);
  }
});

t.test('a webhook that has no certificate yet is no webhook whose certificate expires', async (t) => {
  const shows = await createMetrics('test').registry.metrics();
  t.match(shows, /^aws_secrets_injector_certificate_expiry_timestamp_seconds 0$/m, 'it shows 0');
  const expression = (name: string) => rules.find(({ alert }) => alert === name)?.expr;
  t.match(
    expression('AwsSecretsInjectorCertificateExpires'),
    '(aws_secrets_injector_certificate_expiry_timestamp_seconds > 0)',
  );
  t.match(expression('AwsSecretsInjectorCertificateMissing'), /== 0$/);
});

t.test('each panel has a unit, and asks for the clusters and jobs that are chosen', async (t) => {
  for (const { title, targets, fieldConfig } of panels) {
    t.ok(fieldConfig.defaults.unit, `${title} has a unit`);
    for (const { expr } of targets) {
      const own = [...expr.matchAll(/\b(?:aws_secrets_injector|process)_\w+(\{[^}]*\})?/g)];
      t.ok(
        own.every(([, braces]) => braces?.includes('cluster=~"$cluster",job=~"$job"')),
        title,
      );
    }
  }
});

/** Matches the data source that is chosen at the top of the dashboard. */
const CHOSEN = /^\$\{datasource\}$/;

/** The rules of Grafana's own linter, dashboard-linter, beside those above; it also asks for a variable `instance`, which none needs. */
t.test("keeps the rules of Grafana's linter for dashboards", async (t) => {
  const [source, ...variables] = dashboardFile.templating.list;
  t.match(source, { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' });
  for (const variable of variables) {
    const parts = { type: 'query', datasource: { uid: CHOSEN }, multi: true, includeAll: true, refresh: 2 };
    t.match(variable, parts, `the variable ${variable.name} is looked up anew with the time range`);
  }
  t.equal(dashboardFile.editable, false, 'and it comes from the chart');
  for (const { title, description, datasource, targets } of panels) {
    t.match([title, description], [/^\S/, /\.$/], 'each panel has a title and a description');
    t.ok(targets.length > 0, title);
    for (const one of [{ datasource }, ...targets]) t.match(one.datasource.uid, CHOSEN, title);
    for (const { expr } of targets) {
      for (const [, range] of expr.matchAll(/\brate\([^[]*\[([^\]]+)\]/g)) t.equal(range, '$__rate_interval', title);
      const counters = [...expr.matchAll(/\b\w+_total\b/g)];
      const aggregated = [...expr.matchAll(/\b(?:rate|increase)\(\w+_total\b/g)];
      t.equal(aggregated.length, counters.length, `${title}: a counter is only shown as a rate or an increase`);
    }
  }
});

t.test('a pod is counted once, although its second pass is a review, too', async (t) => {
  const panel = panels.find(({ title }) => title === 'Pods by outcome');
  t.match(panel?.targets[0]?.expr, /reason!~"reinvocation\|taken-over"/);
});

t.test('each panel has its own number and title', async (t) => {
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  t.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
});

t.test('Prometheus finds the pods through a port of the Service', async (t) => {
  const { ServiceMonitor, Service } = everything as unknown as Record<string, Monitor & typeof everything.Service>;
  t.match(ServiceMonitor?.metadata, { labels: { release: 'prometheus' } });
  t.match(ServiceMonitor?.spec, {
    endpoints: [{ port: 'metrics', path: '/metrics', interval: '15s' }],
    namespaceSelector: { matchNames: [Service?.metadata?.namespace] },
    selector: { matchLabels: Service?.spec?.selector },
  });
  const port = Service?.spec?.ports?.find(({ name }) => name === 'metrics');
  t.ok(container(everything).ports?.some(({ name }) => name === port?.targetPort));
});

type Monitor = { metadata: object; spec: object };

t.test('Prometheus finds the pods themselves', async (t) => {
  const rendering = await render(VALUE_SETS['a PodMonitor']?.values);
  const { PodMonitor } = rendering as unknown as Record<string, { spec: object }>;
  t.match(PodMonitor?.spec, {
    podMetricsEndpoints: [{ port: 'health', path: '/metrics' }],
    selector: { matchLabels: rendering.Deployment.spec?.selector.matchLabels },
  });
  t.ok(container(rendering).ports?.some(({ name }) => name === 'health'));
  t.equal(rendering.Service.spec?.ports?.length, 1, 'and the Service shows no metrics');
});

t.test('no label of the values takes the place of one that is selected', async (t) => {
  const labels = { 'app.kubernetes.io/name': 'other', grafana_dashboard: '1' };
  const { ConfigMap } = await render({ metrics: { dashboard: { enabled: true, labels } } });
  t.match(ConfigMap?.metadata?.labels, { 'app.kubernetes.io/name': 'aws-secrets-injector' });
});

t.test('refuses to have every pod counted twice', async (t) => {
  const values = { metrics: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } };
  await t.rejects(render(values), { message: /enable one of them/ });
});

t.test('the webhook looks for uninjected pods only if the values ask for it', async (t) => {
  const settings = async (values: object) => {
    const { env = [] } = container(await render(values));
    return JSON.parse(env.find(({ name }) => name === 'AWS_SECRETS_INJECTOR_SETTINGS')?.value ?? '').uninjectedPods;
  };
  t.equal(await settings({}), undefined);
  t.strictSame(await settings({ uninjectedPods: { enabled: true } }), { events: false });
  t.strictSame(await settings({ uninjectedPods: { enabled: true, events: true } }), { events: true });
});
