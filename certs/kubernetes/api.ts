/** The API server's objects as JSON: the client's own classes for them cost more memory than all the rest of a webhook. */
import { type Agent, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { type Call, type Query, send, textOf } from './request.ts';

export type Options = {
  readonly query?: Query;
  /** What of each object is wanted; all of it where nothing is said. */
  readonly accept?: string;
};

/** What comes back is taken for what was asked for: the API server checks its objects. Each throws an ApiError where it refuses. */
export type Api = {
  get<T>(path: string, options?: Options): Promise<T>;
  create(path: string, body: object, query?: Query): Promise<void>;
  replace(path: string, body: object, query?: Query): Promise<void>;
  /** Operations of a JSON patch. */
  patch(path: string, body: readonly object[], query?: Query): Promise<void>;
};

/**
 * Returns a client of the API server. Each request is ended, and throws, after these milliseconds, its time in the queue of the
 * pool and its answer's body included: a connection may die without a word. Without a pool each has a connection of its own.
 */
export function apiOf(kubeConfig: KubeConfig, milliseconds: number, pool?: Agent): Api {
  const ask = (call: Omit<Call, 'signal' | 'pool'>) =>
    askWithin(kubeConfig, pool ? { ...call, pool } : call, milliseconds);
  return {
    get: async (path, options) => JSON.parse(await ask({ method: 'GET', path, ...options })),
    create: async (path, body, query) => void (await ask({ method: 'POST', path, body, ...(query && { query }) })),
    replace: async (path, body, query) => void (await ask({ method: 'PUT', path, body, ...(query && { query }) })),
    patch: async (path, body, query) => void (await ask({ method: 'PATCH', path, body, ...(query && { query }) })),
  };
}

/** An idle connection is closed after this time: load balancers in front of an API server forget one after some minutes. */
const IDLE_MS = 30_000;

/**
 * Returns connections that are used again, at most this many; more requests wait for one. Returns undefined where the way to
 * the cluster leads through a proxy, which has connections of its own.
 */
export function connectionPool(kubeConfig: KubeConfig, connections: number): Agent | undefined {
  const { server, proxyUrl } = kubeConfig.getCurrentCluster() ?? {};
  if (proxyUrl) return undefined;
  const options = { keepAlive: true, maxSockets: connections, timeout: IDLE_MS };
  return server?.startsWith('http:') ? new HttpAgent(options) : new HttpsAgent(options);
}

/** These lead to other addresses, and no object has them for a name. */
const NO_NAME = /^\.{0,2}$/;

/** A path of the API, whose values are single parts of it whatever they hold. */
export function apiPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const strange = values.find((value) => NO_NAME.test(value));
  if (strange !== undefined) throw new Error(`the API has no object by the name "${strange}"`);
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

async function askWithin(kubeConfig: KubeConfig, call: Omit<Call, 'signal'>, milliseconds: number): Promise<string> {
  const signal = AbortSignal.timeout(milliseconds);
  try {
    return await textOf(await send(kubeConfig, { ...call, signal }));
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
