/** The rights that `check` asks for are those that the chart gives and needs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { OLDEST } from '../../../cli/check/cluster-items.ts';
import { installationRights, type Right, rightsOf } from '../../../cli/check/rights.ts';
import { readSettings } from '../../../webhook/settings.ts';
import { objectsOf, type Rendering, renderText, settingsText } from '../../chart/support/render.ts';
import { VALUE_SETS } from '../../chart/support/value-sets.ts';

const NAMESPACE = 'security';

type Rule = { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] };

type Role = { kind?: string; rules?: Rule[] };

function rightsIn({ kind, rules = [] }: Role): Right[] {
  const where = kind === 'Role' ? { namespace: NAMESPACE } : {};
  return rules.flatMap(({ apiGroups, resources, resourceNames, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          (resourceNames ?? [undefined]).map((name) => ({ group, resource, verb, ...(name && { name }), ...where })),
        ),
      ),
    ),
  );
}

const sorted = (rights: readonly Right[]) => rights.map((right) => JSON.stringify(right)).sort();

for (const [name, { values }] of Object.entries(VALUE_SETS)) {
  t.test(`${name}: the webhook's rights are those that the chart renders`, async (t) => {
    const objects = objectsOf(await renderText(values, ['--namespace', NAMESPACE]));
    const Deployment = objects.find(({ kind }) => kind === 'Deployment') as Rendering['Deployment'];
    const read = readSettings(settingsText({ Deployment }));
    if (!read.ok) throw new Error(read.problem);
    const roles = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role') as Role[];
    t.same(sorted(rightsOf(read.settings, NAMESPACE)), sorted(roles.flatMap(rightsIn)));
  });
}

t.test('the rights of an installation are for the kinds that the chart renders', async (t) => {
  const objects = objectsOf(await renderText({}, ['--namespace', NAMESPACE])) as { kind: string; apiVersion: string }[];
  const isTest = (kind: string) => kind === 'Pod';
  const kinds = objects.filter(({ kind }) => !isTest(kind)).map(({ kind }) => kind.toLowerCase());
  const resources = installationRights(NAMESPACE).map(({ resource }) => resource);
  const singular = (plural: string) => plural.replace(/policies$/, 'policy').replace(/s$/, '');
  t.same([...new Set(resources.map(singular))].sort(), [...new Set(kinds)].sort());
});

t.test("the oldest version is the chart's", (t) => {
  const chart = parse(
    readFileSync(join(import.meta.dirname, '../../../charts/aws-secrets-injector/Chart.yaml'), 'utf8'),
  );
  t.equal(chart.kubeVersion, `>=${OLDEST.major}.${OLDEST.minor}.0-0`);
  t.end();
});
