import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { runIn } from '../support/run.ts';

const rbac = (...args: string[]) => runIn('rbac', ['rbac', '-f', 'shop.yaml', ...args]);

const ROLE = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'aws-secrets-injector-shop', namespace: 'shop' },
  rules: [
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['registry', 'shop-tls'],
      verbs: ['get', 'create', 'patch'],
    },
  ],
};
const BINDING = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'aws-secrets-injector-shop', namespace: 'shop' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'aws-secrets-injector-shop' },
  subjects: [{ kind: 'ServiceAccount', name: 'shop', namespace: 'shop' }],
};

t.test('prints one Role and RoleBinding for a ServiceAccount, whose rule names its Secrets only', async (t) => {
  const { code, out, err } = await rbac();
  t.strictSame([code, err], [0, '']);
  t.strictSame(
    parseAllDocuments(out).map((document) => document.toJS()),
    [ROLE, BINDING],
  );
});

t.test('prints a List in JSON', async (t) => {
  t.strictSame(JSON.parse((await rbac('-o', 'json')).out), { apiVersion: 'v1', kind: 'List', items: [ROLE, BINDING] });
});

t.test('prints nothing for pods that make no Secret, and says so', async (t) => {
  const { code, out, err } = await runIn('iam-policy', ['rbac', '-f', 'shop.yaml']);
  t.strictSame([code, out], [0, '']);
  t.match(err, /^Note: No pod in the files makes a Secret/);
});

t.test('obeys the chart value that has every pod make the Secrets of its classes', async (t) => {
  const { out } = await runIn('rbac', ['rbac', '-f', 'by-chart.yaml', '--values', 'values.yaml']);
  t.match(out, 'kind: RoleBinding');
});

t.test('prints nothing but the reason where a pod would be refused', async (t) => {
  const { code, out, err } = await runIn('lint', ['rbac', '-f', 'typo.yaml', '--region', 'eu-west-1']);
  t.strictSame([code, out], [1, '']);
  t.match(err, /\[ASI_ADMIT_UNKNOWN_ANNOTATION\]/);
});
