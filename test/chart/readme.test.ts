import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { CHART_README, renderChartReadme } from '../../docs/scripts/chart-readme.ts';
import { permissions } from '../../docs/scripts/permissions.ts';
import { blocksOf } from '../docs/support/page.ts';
import { CHART } from './support/helm.ts';
import { renderText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

t.test("the tables of the chart's README are those of the chart: else run `npm run manifests`", async (t) => {
  t.equal(await readFile(CHART_README, 'utf8'), await renderChartReadme());
});

t.test("the chart's README links each alert once, to where its runbook_url leads", async (t) => {
  const { groups } = parse(await readFile(join(CHART, 'files/alerts.yaml'), 'utf8'));
  const row = /^\| \[`(AwsSecretsInjector\w+)`\]\(\.\.\/\.\.\/(docs\S+)\)/gm;
  const linked = [...(await readFile(CHART_README, 'utf8')).matchAll(row)];
  t.strictSame(
    linked.map(([, alert, page]) => [
      alert,
      `https://github.com/aws-secrets-injector/aws-secrets-injector/blob/main/${page}`,
    ]),
    groups[0].rules.map((rule: Rule) => [rule.alert, rule.annotations.runbook_url]),
  );
});

type Rule = { alert: string; annotations: { runbook_url: string } };

t.test('the chart takes the values that its README begins with', async (t) => {
  const [block] = blocksOf(await readFile(CHART_README, 'utf8')).filter(({ language }) => language === 'yaml');
  const rendered = await renderText(parse(block?.text ?? ''));
  for (const kind of ['Certificate', 'PrometheusRule', 'NetworkPolicy']) t.match(rendered, `kind: ${kind}\n`);
});

t.test('says beside each right what it is for, with all values', async (t) => {
  for (const [name, { values }] of Object.entries(VALUE_SETS)) {
    const all = permissions(await renderText(values));
    t.ok(all.length > 0, `${name}: has rights`);
    t.strictSame(
      all.filter(({ why }) => !/^\w.{20,}\.$/.test(why)).map(({ resource }) => resource),
      [],
      `${name}: with reasons`,
    );
  }
});
