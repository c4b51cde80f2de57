import t from 'tap';
import { render } from './support/render.ts';

t.test('in its own namespace, it keeps one Secret, and can make none', async (t) => {
  t.strictSame((await render()).Role?.rules, [
    {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['aws-secrets-injector-tls'],
      verbs: ['get', 'list', 'watch', 'update'],
    },
  ]);
});

t.test(
  'in the cluster, it reads ServiceAccounts, nodes, SecretProviderClasses and ExternalSecrets, and changes its own configurations only',
  async (t) => {
    t.strictSame((await render()).ClusterRole.rules, [
      { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
      {
        apiGroups: ['secrets-store.csi.x-k8s.io'],
        resources: ['secretproviderclasses'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: ['external-secrets.io'],
        resources: ['externalsecrets', 'secretstores', 'clustersecretstores'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: ['aws-secrets-injector'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['validatingwebhookconfigurations'],
        resourceNames: ['aws-secrets-injector'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
    ]);
  },
);

t.test('has no right to ExternalSecrets where none are taken over', async (t) => {
  const { ClusterRole } = await render({ takeOverExternalSecrets: 'never' });
  t.notMatch(ClusterRole.rules, [{}, {}, {}, { apiGroups: ['external-secrets.io'] }]);
});

t.test('binds both to the ServiceAccount of the Deployment, in the namespace of the release', async (t) => {
  const rendering = await render({}, ['--namespace', 'security']);
  const subjects = [{ kind: 'ServiceAccount', name: 'aws-secrets-injector', namespace: 'security' }];
  t.match(rendering, { RoleBinding: { subjects }, ClusterRoleBinding: { subjects } });
  t.equal(rendering.Deployment.spec?.template.spec?.serviceAccountName, rendering.ServiceAccount.metadata?.name);
});

t.test('annotates the ServiceAccount', async (t) => {
  const { ServiceAccount } = await render({ serviceAccount: { annotations: { team: 'platform' } } });
  t.strictSame(ServiceAccount.metadata?.annotations, { team: 'platform' });
});
