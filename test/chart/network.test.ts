import t from 'tap';
import { container, render, settingsText } from './support/render.ts';
import { VALUE_SETS } from './support/value-sets.ts';

t.test('there is no NetworkPolicy unless one is asked for', async (t) => {
  t.notOk((await render()).NetworkPolicy);
});

t.test(
  'lets the API server in from anywhere, nobody else read metrics, and only DNS and an API server out',
  async (t) => {
    const { NetworkPolicy, Deployment } = await render(VALUE_SETS['an open NetworkPolicy']?.values);
    t.match(Deployment.spec?.template.metadata?.labels, NetworkPolicy?.spec?.podSelector?.matchLabels);
    const { ingress, egress, policyTypes } = NetworkPolicy?.spec ?? {};
    t.strictSame(policyTypes, ['Ingress', 'Egress']);
    t.strictSame(ingress, [{ ports: [{ port: 'admission', protocol: 'TCP' }] }]);
    t.strictSame(egress, [
      {
        ports: [
          { port: 443, protocol: 'TCP' },
          { port: 6443, protocol: 'TCP' },
        ],
      },
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
    ]);
  },
);

t.test('lets in and out what the values select, and the pod of helm test', async (t) => {
  const { NetworkPolicy, Pod } = await render(VALUE_SETS['a narrow NetworkPolicy']?.values);
  const { ingress = [], egress = [] } = NetworkPolicy?.spec ?? {};
  const blocks = [{ ipBlock: { cidr: '10.0.0.0/16' } }, { ipBlock: { cidr: 'fd00::/8' } }];
  const test = { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'aws-secrets-injector-test' } } };
  t.match(Pod?.metadata?.labels, test.podSelector.matchLabels);
  t.strictSame(ingress as unknown, [
    { ports: [{ port: 'admission', protocol: 'TCP' }], from: [...blocks, test] },
    {
      ports: [{ port: 'health', protocol: 'TCP' }],
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } },
        },
      ],
    },
  ]);
  t.match(egress[0], { to: blocks });
});

t.test('refuses a policy that would keep Prometheus out', async (t) => {
  const values = { networkPolicy: { enabled: true }, metrics: { podMonitor: { enabled: true } } };
  await t.rejects(render(values), { message: /networkPolicy\.metricsFrom has to select Prometheus/ });
});

t.test(
  "on the nodes' network, the pods resolve the cluster's names, and one may go before another comes",
  async (t) => {
    const rendering = await render(VALUE_SETS["the nodes' network and other ports"]?.values);
    const { spec } = rendering.Deployment;
    t.match(spec?.template.spec, { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
    t.strictSame(spec?.strategy?.rollingUpdate, { maxUnavailable: 1, maxSurge: 1 });
  },
);

t.test('listens on the ports that it declares', async (t) => {
  const rendering = await render(VALUE_SETS["the nodes' network and other ports"]?.values);
  t.match(JSON.parse(settingsText(rendering)), { port: 8443, healthPort: 18_080, maxConcurrentReviews: 8 });
  t.match(container(rendering).ports, [
    { name: 'admission', containerPort: 8443 },
    { name: 'health', containerPort: 18_080 },
  ]);
});

t.test('resolves names as the values say', async (t) => {
  const { Deployment } = await render({ dnsPolicy: 'Default' });
  t.equal(Deployment.spec?.template.spec?.dnsPolicy, 'Default');
});
