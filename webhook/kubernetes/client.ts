/**
 * Asks the API server with the credentials of the pod or of a kubeconfig, and gives objects as JSON. The generated classes of
 * @kubernetes/client-node take more memory than all the rest of a webhook (30 MiB), so that only its KubeConfig is used.
 */
import { once } from 'node:events';
import {
  type Agent,
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, type RequestOptions, request as requestHttps } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiError } from './errors.ts';

/** Milliseconds for a request that a pod waits for. The API server waits 10 s for a webhook in all. */
export const LIVE_TIMEOUT_MS = 4000;

/** Milliseconds for one page of a list, which no pod waits for. */
export const PAGE_TIMEOUT_MS = 60_000;

/** An answer that is longer than any page of a list is not read to its end (bytes). */
const LONGEST_ANSWER = 64 * 2 ** 20;

/** An idle connection is closed after this time: load balancers in front of an API server forget one after some minutes. */
const IDLE_MS = 30_000;

const JSON_TYPE = 'application/json';
const JSON_PATCH_TYPE = 'application/json-patch+json';

/** An object of no name has such a part in its path; the path would lead to another address. */
const NO_NAME = /^\.{0,2}$/;

export type Query = Readonly<Record<string, string | number | boolean>>;

/** `accept` names the part of each object that is wanted; without it the API server sends whole objects. */
type GetOptions = { readonly query?: Query; readonly accept?: string };

/**
 * Is a client of the API server. An answer is taken for the type that the caller names, as the API server checks its objects.
 * Every method throws an ApiError if the API server refuses.
 */
export type Client = {
  get<T>(path: string, options?: GetOptions): Promise<T>;
  /** Returns the object as the API server answers with it. */
  create<T = unknown>(path: string, body: object, query?: Query): Promise<T>;
  replace(path: string, body: object, query?: Query): Promise<void>;
  /** Applies the operations of a JSON Patch. */
  patch(path: string, operations: readonly object[], query?: Query): Promise<void>;
};

export type Call = GetOptions & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** The path may have a query of its own. */
  readonly path: string;
  readonly body?: object;
  /** The connections to use; without it, the request has one of its own. */
  readonly pool?: Agent;
  /** Ends the request, and its answer at any point. */
  readonly signal: AbortSignal;
};

/**
 * Returns a client. Each request is ended, and throws, after these milliseconds, its time in the queue of the pool and its
 * answer's body included, as a connection may die without a word. Without a pool each request has a connection of its own.
 */
export function createClient(kubeConfig: KubeConfig, milliseconds: number, pool?: Agent): Client {
  const ask = (call: Omit<Call, 'signal' | 'pool'>, query?: Query) =>
    askWithin(kubeConfig, { ...call, ...(query && { query }), ...(pool && { pool }) }, milliseconds);
  return {
    get: async (path, options) => JSON.parse(await ask({ method: 'GET', path, ...options })),
    create: async (path, body, query) => JSON.parse(await ask({ method: 'POST', path, body }, query)),
    replace: async (path, body, query) => void (await ask({ method: 'PUT', path, body }, query)),
    patch: async (path, body, query) => void (await ask({ method: 'PATCH', path, body }, query)),
  };
}

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

/** Makes a path of the API from a template. Each value is one part of the path, whatever it holds; throws for one that can't be a name. */
export function apiPath(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const strange = values.find((value) => NO_NAME.test(value));
  if (strange !== undefined) throw new Error(`the API has no object by the name "${strange}"`);
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/** Sends a request and returns its answer once the head is there. Throws an ApiError for a status that is no success. */
export async function send(kubeConfig: KubeConfig, call: Call): Promise<IncomingMessage> {
  const { method, body, accept = JSON_TYPE, signal, pool } = call;
  const url = urlOf(kubeConfig, call);
  // The credentials are read for each request, as the kubelet renews a pod's token.
  const secured: RequestOptions & { headers?: OutgoingHttpHeaders } = {};
  await kubeConfig.applyToHTTPSOptions(secured);
  const headers = {
    ...secured.headers,
    'user-agent': 'aws-secrets-injector',
    accept,
    ...(body && { 'content-type': method === 'PATCH' ? JSON_PATCH_TYPE : JSON_TYPE }),
  };
  const request = url.protocol === 'http:' ? requestHttp : requestHttps;
  const begin = () => {
    const sent = request(url, { ...secured, ...(pool && { agent: pool }), method, headers, signal });
    // An error after the head is an error of the answer, too, and is thrown by whoever reads that.
    sent.on('error', () => {});
    return sent.end(body && JSON.stringify(body));
  };
  const answer = await headOf(begin, signal);
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return answer;
  throw new ApiError(statusCode, await textOf(answer));
}

async function askWithin(kubeConfig: KubeConfig, call: Omit<Call, 'signal'>, milliseconds: number): Promise<string> {
  const signal = AbortSignal.timeout(milliseconds);
  try {
    return await textOf(await send(kubeConfig, { ...call, signal }));
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/**
 * Returns the answer once its head is there. The API server may have closed a connection that was used before: then a GET is
 * begun once more, on another connection.
 */
async function headOf(begin: () => ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const sent = begin();
  try {
    return await response(sent, signal);
  } catch (error) {
    if (signal.aborted || !sent.reusedSocket || sent.method !== 'GET') throw error;
    return await response(begin(), signal);
  }
}

/** Waits for the head of an answer. A request that waits in a pool has no socket and can't see the signal: it is watched here. */
async function response(sent: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(sent, 'response', { signal });
  if (!answer) throw new Error('the API server gave no answer');
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LONGEST_ANSWER) throw new Error('the API server answered more than any list can hold');
  }
  return text;
}

function urlOf(kubeConfig: KubeConfig, { path, query = {} }: Call): URL {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (!server) throw new Error('the Kubernetes configuration names no current cluster');
  const url = new URL(server.replace(/\/$/, '') + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, `${value}`);
  return url;
}
