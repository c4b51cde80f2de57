import type { Test } from 'tap';
import { renderText } from '../../chart/support/render.ts';
import { VALUE_SETS } from '../../chart/support/value-sets.ts';
import { RELEASE, removeRelease } from '../harness/install.ts';
import { until } from '../harness/progress.ts';
import { run } from '../harness/run.ts';
import { MARK, type World } from '../harness/world.ts';

/** Lists the kinds that add-ons bring, as far as a manifest needs them to be accepted. */
const ADD_ONS: readonly { group: string; plural: string; kind: string }[] = [
  { group: 'cert-manager.io', plural: 'certificates', kind: 'Certificate' },
  { group: 'cert-manager.io', plural: 'issuers', kind: 'Issuer' },
  { group: 'monitoring.coreos.com', plural: 'servicemonitors', kind: 'ServiceMonitor' },
  { group: 'monitoring.coreos.com', plural: 'podmonitors', kind: 'PodMonitor' },
  { group: 'monitoring.coreos.com', plural: 'prometheusrules', kind: 'PrometheusRule' },
];

/** Has what the test's pod needs, and a dry run does not leave behind. */
const ACCOUNTS = [RELEASE, 'injector'].map((name) => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: RELEASE },
}));

/** The API server takes whatever the chart renders. Nothing is installed meanwhile, so all of it is new. */
export async function renderings(t: Test, world: World): Promise<void> {
  await removeRelease();
  await world.kubectl.run(['delete', 'pods', '--all', '-n', RELEASE]);
  await world.kubectl.apply(...ACCOUNTS, ...ADD_ONS.map(definition));
  const names = ADD_ONS.map(({ group, plural }) => `${plural}.${group}`);
  await until('the API server to serve the add-ons', 30, async () => {
    const found = await world.kubectl.run(['api-resources', '-o', 'name']);
    return names.every((name) => found.includes(name)) ? true : undefined;
  });
  for (const [name, { values }] of Object.entries(VALUE_SETS)) {
    await t.test(name, async (t) => {
      const args = ['apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      const { code, stdout, stderr } = await run(world.kubectl.program, args, await renderText(values));
      t.equal(code, 0, stderr);
      t.notMatch(stderr, /Warning/);
      t.match(stdout, /mutatingwebhookconfiguration.* created/);
    });
  }
}

function definition({ group, plural, kind }: (typeof ADD_ONS)[number]): object {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { [MARK]: '' } },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
