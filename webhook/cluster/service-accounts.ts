/** The IAM roles of all ServiceAccounts: a cache that holds nothing else of them, and a live look before it says no. */
import { ApiException, CoreV1Api, type KubeConfig, type V1ServiceAccount } from '@kubernetes/client-node';
import { isRoleArn } from '../decide.ts';
import type { Facts } from '../facts.ts';
import { follow, type Listed, type Log } from './watch.ts';
import { within } from './within.ts';

const ROLE = 'eks.amazonaws.com/role-arn';
const PAGE = 500;

/** The API server gives a webhook 10 s in all. */
const LIVE_TIMEOUT_MS = 4000;

/** For one page of the list, which nobody waits for. */
const PAGE_TIMEOUT_MS = 60_000;

type Options = {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onSynced: () => void;
};

/** Starts to follow the ServiceAccounts. */
export function serviceAccountRoles({ kubeConfig, log, signal, onSynced }: Options): Facts['roleOf'] {
  const api = kubeConfig.makeApiClient(CoreV1Api);
  let roles = new Map<string, string>();

  const remember = (account: V1ServiceAccount, known: Map<string, string>, deleted = false) => {
    const key = keyOf(account.metadata?.namespace, account.metadata?.name);
    const role = account.metadata?.annotations?.[ROLE];
    // What would be refused is not kept, so that it is read live: it may just have been corrected.
    if (deleted || !role || !isRoleArn(role)) known.delete(key);
    else known.set(key, role);
  };

  void follow<V1ServiceAccount>({
    kubeConfig,
    path: '/api/v1/serviceaccounts',
    list: () => listAll(api),
    replace(items) {
      const fresh = new Map<string, string>();
      for (const account of items) remember(account, fresh);
      roles = fresh;
      onSynced();
    },
    changed: (account, deleted) => remember(account, roles, deleted),
    log,
    signal,
  });

  return async (namespace, name) => {
    const role = roles.get(keyOf(namespace, name));
    if (role !== undefined) return { roleArn: role };
    return readLive(api, namespace, name);
  };
}

/** The pod may come right after its ServiceAccount, or after the annotation. */
async function readLive(api: CoreV1Api, namespace: string, name: string) {
  try {
    const account = await within(LIVE_TIMEOUT_MS, api.readNamespacedServiceAccount({ namespace, name }));
    const roleArn = account.metadata?.annotations?.[ROLE];
    return roleArn ? { roleArn } : {};
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

async function listAll(api: CoreV1Api): Promise<Listed<V1ServiceAccount>> {
  const items: V1ServiceAccount[] = [];
  let _continue: string | undefined;
  let resourceVersion = '';
  do {
    const request = api.listServiceAccountForAllNamespaces({ limit: PAGE, ...(_continue && { _continue }) });
    const page = await within(PAGE_TIMEOUT_MS, request);
    items.push(...page.items);
    _continue = page.metadata?._continue;
    resourceVersion = page.metadata?.resourceVersion ?? '';
  } while (_continue);
  return { items, resourceVersion };
}

function keyOf(namespace = '', name = ''): string {
  return `${namespace}/${name}`;
}
