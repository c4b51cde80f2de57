import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { CHART } from './helm.ts';
import { permissions } from './permissions.ts';
import { CHART_README, renderChartReadme } from './readme.ts';
import { renderText } from './render.ts';
import { VALUE_SETS } from './value-sets.ts';

t.test("the tables of the chart's README are those of the chart: else run `npm run manifests`", async (t) => {
  t.equal(await readFile(CHART_README, 'utf8'), await renderChartReadme());
});

t.test("the chart's README names each alert once, and no other", async (t) => {
  const { groups } = parse(await readFile(join(CHART, 'files/alerts.yaml'), 'utf8'));
  const named = [...(await readFile(CHART_README, 'utf8')).matchAll(/^\| `(AwsSecretsInjector\w+)`/gm)];
  t.strictSame(
    named.map(([, alert]) => alert),
    groups[0].rules.map(({ alert }: { alert: string }) => alert),
  );
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
