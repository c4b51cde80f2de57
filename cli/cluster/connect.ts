/** Reaches a cluster as kubectl does: by the user's kubeconfig, and with the user's rights. */
import { KubeConfig } from '@kubernetes/client-node';
import { apiPath, type Client, createClient } from '../../webhook/kubernetes/client.ts';
import { ApiError, describeError, isAnswer } from '../../webhook/kubernetes/errors.ts';
import { listAll } from '../../webhook/kubernetes/list.ts';
import { UsageError } from '../shell.ts';
import type { Answer, Cluster, ClusterOptions, Collection, Created } from './cluster.ts';

/** Milliseconds for one request. A plugin that gets the user's credentials may take some seconds of them. */
const REQUEST_MS = 30_000;

/** Returns the cluster of the kubeconfig's context. Throws a `UsageError` if there is no such context. */
export function connect(options: ClusterOptions): Cluster {
  return clusterOf(loadKubeConfig(options.context), options);
}

/** Returns the cluster of a configuration that was read. */
export function clusterOf(kubeConfig: KubeConfig, { namespace }: ClusterOptions): Cluster {
  const client = createClient(kubeConfig, REQUEST_MS);
  const context = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  return {
    namespace: namespace ?? context?.namespace ?? 'default',
    get: (collection, name) => ask(client.get(`${pathOf(collection)}/${apiPath`${name}`}`)),
    list: (collection, fieldSelector) => ask(listIn(client, collection, fieldSelector)),
    create: (collection, body, { dryRun } = {}) =>
      send(client.create(pathOf(collection), body, dryRun ? { dryRun: 'All' } : {})),
    read: (path) => ask(client.get(path)),
  };
}

function loadKubeConfig(context: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    kubeConfig.loadFromDefault();
  } catch (error) {
    throw new UsageError(`The kubeconfig can not be read: ${describeError(error)}.`);
  }
  if (context === undefined) return kubeConfig;
  const names = kubeConfig.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new UsageError(`--context ${context} is not in the kubeconfig; it has: ${names.join(', ') || 'none'}.`);
  }
  kubeConfig.setCurrentContext(context);
  return kubeConfig;
}

function pathOf({ api, plural, namespace }: Collection): string {
  const root = api.includes('/') ? '/apis' : '/api';
  const parts = api.split('/').map((part) => apiPath`${part}`);
  const scope = namespace === undefined ? '' : apiPath`/namespaces/${namespace}`;
  return `${root}/${parts.join('/')}${scope}/${apiPath`${plural}`}`;
}

async function listIn<T>(client: Client, collection: Collection, selector: string | undefined): Promise<readonly T[]> {
  const query = selector === undefined ? '' : `?fieldSelector=${encodeURIComponent(selector)}`;
  return (await listAll<T, T>(client, { path: `${pathOf(collection)}${query}` }, (object) => object)).items;
}

/** An answer that the user may not have is an answer, too. Anything but an answer means that there is no cluster to ask. */
async function ask<T>(answer: Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'found', value: await answer };
  } catch (error) {
    if (isAnswer(error, 404)) return { kind: 'absent' };
    if (isAnswer(error, 403)) return { kind: 'unknown', why: `You may not see it: ${error.message}.` };
    throw noAnswer(error);
  }
}

async function send<T>(answer: Promise<unknown>): Promise<Created<T>> {
  try {
    // The API server answers with an object of the kind that was sent.
    return { kind: 'created', value: (await answer) as T };
  } catch (error) {
    if (error instanceof ApiError) return { kind: 'refused', code: error.code, message: error.message };
    throw noAnswer(error);
  }
}

function noAnswer(error: unknown): UsageError {
  return new UsageError(
    `The cluster gave no answer: ${describeError(error)}. See whether kubectl get pods works with the same context.`,
  );
}
