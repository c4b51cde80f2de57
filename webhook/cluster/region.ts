/** The cluster's region, from any node that says it. A cluster lives in one region, so one answer is enough for ever. */
import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import type { Facts } from '../facts.ts';
import { within } from './within.ts';

const REGION = 'topology.kubernetes.io/region';

/** Nodes join with the label; a hundred of them without are a cluster without. */
const LOOKED_AT = 100;

/** The API server gives a webhook 10 s in all. */
const TIMEOUT_MS = 4000;

/** How long a cluster without the label is believed to have none. */
const DOUBT_MS = 10_000;

export function clusterRegion(kubeConfig: KubeConfig, now: () => number = Date.now): Facts['region'] {
  const api = kubeConfig.makeApiClient(CoreV1Api);
  let region: string | undefined;
  let asked: { readonly at: number; readonly answer: Promise<string | undefined> } | undefined;

  return async () => {
    if (region !== undefined) return region;
    if (!asked || now() - asked.at > DOUBT_MS) asked = { at: now(), answer: ask(api) };
    try {
      region = await asked.answer;
      return region;
    } catch (error) {
      asked = undefined;
      throw error;
    }
  };
}

async function ask(api: CoreV1Api): Promise<string | undefined> {
  const { items } = await within(TIMEOUT_MS, api.listNode({ limit: LOOKED_AT, labelSelector: REGION }));
  return items.map((node) => node.metadata?.labels?.[REGION]).find(Boolean);
}
