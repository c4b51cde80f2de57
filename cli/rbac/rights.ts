/** Makes the Roles and RoleBindings with which ServiceAccounts make the Kubernetes Secrets of their pods. */
import { roleNameFor, SECRET_VERBS } from '../../injector/contract/sync.ts';
import type { Need } from '../admission/needs.ts';

const GROUP = 'rbac.authorization.k8s.io';

/**
 * Returns a Role and a RoleBinding for each ServiceAccount whose pods make Secrets. The rule names the Secrets, also for `create`: the
 * API server checks the name if a Secret is made by server-side apply.
 */
export function rightsOf(needs: readonly Pick<Need, 'account' | 'config'>[]): object[] {
  const making = needs.filter(({ config }) => config.sync !== undefined);
  const accounts = Map.groupBy(making, ({ account }) => `${account.namespace}/${account.name}`);
  return [...accounts.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { namespace, name } = first.account;
    const secrets = group.flatMap(({ config }) => (config.sync?.secrets ?? []).map((secret) => secret.name));
    const metadata = { name: roleNameFor(name), namespace };
    const rule = {
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: [...new Set(secrets)].sort(),
      verbs: SECRET_VERBS,
    };
    return [
      { apiVersion: `${GROUP}/v1`, kind: 'Role', metadata, rules: [rule] },
      {
        apiVersion: `${GROUP}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: GROUP, kind: 'Role', name: metadata.name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ];
  });
}
