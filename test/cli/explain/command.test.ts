import t from 'tap';
import { parse } from 'yaml';
import { CONDITION_FIXES } from '../../../cli/explain/conditions.ts';
import { render } from '../../chart/support/render.ts';
import { startApiServer } from '../../kubernetes/api-server.ts';
import { type Document, startCluster } from '../support/cluster.ts';
import { runIn } from '../support/run.ts';

const KNOWN = ['--region', 'eu-west-1', '--kubernetes', '1.35'];
const explain = (args: readonly string[], input?: string) => runIn('explain', ['explain', ...args], input);

t.test('says what each reference of a file becomes, and in which containers', async (t) => {
  const { code, out } = await explain(['-f', 'shop.yaml', ...KNOWN]);
  t.equal(code, 0);
  for (const line of [
    /shop\/db#password +file \/mnt\/secrets-store\/db\/password \(0444\) +in app\n/,
    /shop\/db#password +variable DB_PASSWORD \(in \/mnt\/secrets-store\/shop\.env\) +in app\n/,
    /ssm:\/shop\/key +file \/mnt\/secrets-store\/key \(0644, optional\) +in app\n/,
    /shop\/more +variables MORE_… \(in \/mnt\/secrets-store\/shop\.env\) +in app\n/,
    /shop\/db \+ shop\/host +file \/mnt\/secrets-store\/url\.txt \(0644\) +in app\n/,
    /role +arn:aws:iam::111122223333:role\/shop\n/,
    /region +eu-west-1, then eu-central-1\n/,
  ]) {
    t.match(out, line);
  }
});

t.test('writes JSON and nothing else, with the same exit code', async (t) => {
  const { code, out } = await explain(['-f', 'shop.yaml', '-o', 'json', ...KNOWN]);
  t.equal(code, 0);
  t.match(JSON.parse(out), {
    pods: [
      { object: 'Deployment shop/web', outcome: 'would-be-injected', declared: [{ annotation: 'files' }] },
      { object: 'Pod shop/kubelet', results: [{ name: 'DB_PASSWORD', delivery: 'kubelet', containers: ['app'] }] },
    ],
  });
});

t.test('a variable of a template has the objects of its text, by the kubelet and in an env file', async (t) => {
  const { out } = await explain(['-f', 'shop.yaml', '-o', 'json', ...KNOWN]);
  const pods: { readonly results: readonly { readonly name: string }[] }[] = JSON.parse(out).pods;
  const variables = pods.flatMap(({ results }) => results.filter(({ name }) => name === 'DB_URL'));
  const from = ['shop/db', 'shop/host'];
  t.same(variables, [
    {
      from,
      kind: 'variable',
      name: 'DB_URL',
      delivery: 'file',
      envFile: '/mnt/secrets-store/shop.env',
      containers: ['app'],
    },
    { from, kind: 'variable', name: 'DB_URL', delivery: 'kubelet', containers: ['app', 'own'] },
  ]);
});

t.test('writes YAML that says the same as JSON', async (t) => {
  const [json, yaml] = await Promise.all(
    ['json', 'yaml'].map(async (format) => (await explain(['-f', 'shop.yaml', '-o', format, ...KNOWN])).out),
  );
  t.same(parse(yaml ?? ''), JSON.parse(json ?? ''));
});

t.test('does not invent a role or a region', async (t) => {
  const { out } = await explain(['-f', '../lint/block-scalar.yaml']);
  t.notMatch(out, /000000000000|not-known-0/);
});

t.test('repeats the refusals of the webhook', async (t) => {
  const { code, out } = await explain(['-f', '../lint/typo.yaml', ...KNOWN]);
  t.equal(code, 1);
  t.match(out, /The webhook would refuse the pod\.[\s\S]*\[ASI_ADMIT_UNKNOWN_ANNOTATION\]/);
});

t.test('says of a file why nothing would be injected', async (t) => {
  const { code, out } = await explain(
    ['-f', '-'],
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, annotations: { aws-secrets-injector.dev/files: "a: b" } }\n' +
      'spec: { template: { spec: { containers: [{ name: app }] } } }\n',
  );
  t.equal(code, 1);
  t.match(out, /Nothing was injected\. aws-secrets-injector\.dev\/files is in metadata of the Deployment/);
});

t.test('explains the state of a pod that somebody sent as a file', async (t) => {
  const { kubeConfig: _, get } = await startCluster(t, [FAILED]);
  const { code, out } = await explain(['-f', '-'], JSON.stringify(get('/api/v1/pods', 'web')));
  t.equal(code, 1);
  t.match(out, /failed with exit code 10[\s\S]*The secret does not exist\. \[ASI_AWS_NOT_FOUND\]/);
});

const FAILED: Document = {
  apiVersion: 'v1',
  kind: 'Pod',
  inject: true,
  metadata: { name: 'web', namespace: 'shop', annotations: { 'aws-secrets-injector.dev/files': 'a: shop/a' } },
  spec: { serviceAccountName: 'shop', containers: [{ name: 'app', image: 'app' }] },
  status: {
    initContainerStatuses: [
      {
        name: 'aws-secrets-injector',
        state: { terminated: { exitCode: 10, message: 'The secret does not exist. [ASI_AWS_NOT_FOUND]' } },
      },
    ],
  },
};

t.test('knows the name of each condition that the chart gives the webhook', async (t) => {
  const { MutatingWebhookConfiguration } = await render();
  const names = MutatingWebhookConfiguration.webhooks?.[0]?.matchConditions?.map(({ name }) => name);
  t.same(names?.sort(), Object.keys(CONDITION_FIXES).sort());
});

t.test('takes the namespace of the context', async (t) => {
  const { kubeConfig } = await startCluster(t, [FAILED]);
  kubeConfig.contexts = kubeConfig.contexts.map((context) => ({ ...context, namespace: 'shop' }));
  t.match((await runIn('.', ['explain', 'web'], { kubeConfig })).out, /^Pod shop\/web\n/);
});

const wrong: Record<string, readonly [args: readonly string[], says: RegExp]> = {
  'neither a pod nor a file': [
    [],
    /Name a pod or a workload, as in explain pod\/NAME or deployment\/NAME, or files by -f: one of the two\./,
  ],
  'a pod and a file': [['pod/web', '-f', 'shop.yaml'], /one of the two/],
  'a name with two slashes': [['a/b/c'], /a\/b\/c is no name: write pod\/NAME, or TYPE\/NAME as in deployment\/web\./],
  'a resource that the cluster does not have': [
    ['gadget/web'],
    /The cluster has no resource gadget in its namespaces: /,
  ],
  'a group that the cluster does not have': [['deployments.example.com/web'], /no resource deployments\.example\.com /],
  'a resource without namespaces': [['node/node'], /The cluster has no resource node in its namespaces: /],
  'a workload that does not exist': [
    ['deploy/web'],
    /There is no Deployment default\/web\. See kubectl get deployments -n default/,
  ],
  'an object without a pod template': [
    ['serviceaccount/shop', '-n', 'shop'],
    /Serviceaccount shop\/shop has no pod template\. If another resource has this name too, write its group behind it/,
  ],
  'a pod that does not exist': [['pod/nowhere'], /There is no pod default\/nowhere\. See kubectl get pods -n default/],
  'a file without pods': [['-f', '../inject/account.yml'], /There is no pod and no pod template in/],
};
for (const [name, [args, says]] of Object.entries(wrong)) {
  t.test(`${name} is wrong use`, async (t) => {
    const { kubeConfig } = await startCluster(t, []);
    const { code, out, err } = await runIn('explain', ['explain', ...args], { kubeConfig });
    t.equal(code, 2);
    t.equal(out, '');
    t.match(err, says);
  });
}

t.test('says that a cluster gives no answer', async (t) => {
  const { kubeConfig, close } = await startApiServer(t, []);
  close();
  const { code, err } = await runIn('.', ['explain', 'pod/web'], { kubeConfig });
  t.equal(code, 2);
  t.match(err, /The cluster gave no answer: .*ECONNREFUSED.* See whether kubectl get pods works/);
});

t.test('says that the user may not read the pod', async (t) => {
  const { kubeConfig } = await startCluster(t, [FAILED, { kind: 'Forbidden', plurals: ['pods'] }]);
  const { code, err } = await runIn('.', ['explain', 'pod/web', '-n', 'shop'], { kubeConfig });
  t.equal(code, 2);
  t.match(err, /You may not see it: the API server answered 403/);
});
