import t from 'tap';
import { permissions } from '../../docs/scripts/permissions.ts';
import { type Rendering, render, renderText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

const rendered = (name: string): Promise<Rendering> => render(VALUE_SETS[name]?.values);

function verbsOf({ ClusterRole }: Rendering, resource: string): string[] | undefined {
  return ClusterRole.rules?.find(({ resources }) => resources?.includes(resource))?.verbs;
}

const CONFIGURATIONS = 'mutatingwebhookconfigurations';
const READS = ['get', 'list', 'watch'];

const others: [name: string, verbs: string[]][] = [
  ["certificates of cert-manager's own issuer", READS],
  ['a certificate in the values', READS],
  ['a certificate in a Secret with its CA', [...READS, 'patch']],
];
for (const [name, verbs] of others) {
  t.test(`with ${name}, it has no right to Secrets and may ${verbs.join(', ')} its configuration`, async (t) => {
    const rendering = await rendered(name);
    t.notOk(rendering.Role);
    t.notOk(rendering.RoleBinding);
    t.strictSame(verbsOf(rendering, CONFIGURATIONS), verbs);
  });
}

t.test('in no mode may it make a configuration, read Secrets of the cluster, or do just anything', async (t) => {
  for (const [name, { values }] of Object.entries(VALUE_SETS)) {
    const inCluster = permissions(await renderText(values)).filter(({ scope }) => scope === 'the cluster');
    const forbidden = inCluster.filter(
      ({ resource, verbs }) =>
        resource === 'secrets' || verbs.includes('*') || (resource !== 'events' && verbs.includes('create')),
    );
    t.strictSame(forbidden, [], name);
  }
});

t.test(
  'it may look at pods and namespaces only to find uninjected pods, and make events only to report them',
  async (t) => {
    const [none, counted, reported] = await Promise.all([
      render(),
      rendered('uninjected pods counted only'),
      rendered('everything that Prometheus and Grafana take'),
    ]);
    const rights = (rendering: Rendering) => ['pods', 'namespaces', 'events'].map((name) => verbsOf(rendering, name));
    t.strictSame(rights(none), [undefined, undefined, undefined]);
    t.strictSame(rights(counted), [['list', 'watch'], ['list', 'watch'], undefined]);
    t.strictSame(rights(reported), [['list', 'watch'], ['list', 'watch'], ['create']]);
  },
);

t.test('binds a ServiceAccount that is there already', async (t) => {
  const rendering = await rendered('users assigned by the platform, and an own ServiceAccount');
  t.notOk(rendering.ServiceAccount);
  t.match(rendering.ClusterRoleBinding, { subjects: [{ name: 'injector' }] });
  t.equal(rendering.Deployment.spec?.template.spec?.serviceAccountName, 'injector');
});
