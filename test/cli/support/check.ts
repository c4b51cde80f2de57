/** Runs `check` as a developer in the namespace shop, whose cluster has an IAM OIDC provider. */
import type { Item } from '../../../cli/check/items.ts';
import type { ApiServer } from '../../kubernetes/api-server.ts';
import { NOW } from './installation.ts';
import { runIn } from './run.ts';

const PROVIDER = {
  arn: 'arn:aws:iam::111122223333:oidc-provider/oidc.example/id/1',
  audiences: ['sts.amazonaws.com'],
};

const provider = async () => ({ kind: 'found', value: PROVIDER }) as const;

/** Returns what `check` writes with these arguments at this time. `onPause` is called at each pause of --wait, which takes no time. */
export function check({ kubeConfig }: ApiServer, args: readonly string[] = [], now = NOW, onPause = () => {}) {
  return runIn('.', ['check', '-n', 'shop', ...args], { kubeConfig, now, onPause, provider });
}

/** Returns the items that `check` writes as JSON. */
export async function itemsOf(server: ApiServer, now = NOW): Promise<Item[]> {
  return JSON.parse((await check(server, ['-o', 'json'], now)).out).items;
}

/** Returns the item of this name, or undefined if there is none. */
export function named(items: readonly Item[], name: string): Item | undefined {
  return items.find((item) => item.name === name);
}
