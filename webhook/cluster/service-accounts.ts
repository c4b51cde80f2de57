/** Follows the IAM roles of all ServiceAccounts. The cache holds nothing else of them; before it says no, the object is read live. */
import type { V1ServiceAccount } from '@kubernetes/client-node';
import type { AccountRole, Facts } from '../admission/facts.ts';
import { isAudience, roleIn } from '../admission/role.ts';
import { isRoleArn } from '../declare/role-arns.ts';
import { apiPath, createClient, PAGE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { type CacheOptions, follow } from '../kubernetes/informer.ts';
import { listAll } from '../kubernetes/list.ts';
import type { LiveReads } from '../kubernetes/live-reads.ts';

const PATH = '/api/v1/serviceaccounts';

type Account = { readonly key: string; readonly role?: AccountRole };

/** Starts to follow the ServiceAccounts, and returns a function that returns the role of one. */
export function serviceAccountRoles(options: CacheOptions & { readonly live: LiveReads }): Facts['roleOf'] {
  const { live } = options;
  const lists = createClient(options.kubeConfig, PAGE_TIMEOUT_MS);
  let roles = new Map<string, AccountRole>();

  void follow<V1ServiceAccount, Account>({
    ...options,
    resource: 'serviceaccounts',
    list: () => listAll(lists, { path: PATH }, trim),
    replace(accounts) {
      roles = new Map(accounts.flatMap(({ key, role }) => (role === undefined ? [] : [[key, role]])));
    },
    changed(account, deleted) {
      live.forget(pathOf(account.metadata?.namespace ?? '', account.metadata?.name ?? ''));
      const { key, role } = trim(account);
      if (deleted || role === undefined) roles.delete(key);
      else roles.set(key, role);
    },
  });

  // A pod may come right after its ServiceAccount or the annotation, before the watch does.
  return async (namespace, name) => {
    const role = roles.get(keyOf(namespace, name));
    if (role !== undefined) return role;
    const account = await live.read<V1ServiceAccount>(pathOf(namespace, name));
    return account && roleIn(account.metadata?.annotations);
  };
}

/** Keeps only a role that is not refused. Any other is read live, as it may just have been corrected. */
function trim(account: V1ServiceAccount): Account {
  const key = keyOf(account.metadata?.namespace, account.metadata?.name);
  const role = roleIn(account.metadata?.annotations);
  const isGood = role.roleArn !== undefined && isRoleArn(role.roleArn) && isAudience(role.audience);
  return { key, ...(isGood && { role }) };
}

function pathOf(namespace: string, name: string): string {
  return apiPath`/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
}

function keyOf(namespace = '', name = ''): string {
  return `${namespace}/${name}`;
}
