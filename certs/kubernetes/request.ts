/** Requests to the API server, with the credentials of the pod or of a kubeconfig; their answers as they arrive. */
import { once } from 'node:events';
import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiError } from './errors.ts';

export type Query = Readonly<Record<string, string | number | boolean>>;

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** May have a query of its own. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  /** What of each object is wanted; all of it as JSON where nothing is said. */
  readonly accept?: string;
  /** The connections to use; without it, the request has one of its own. */
  readonly pool?: Agent;
  /** Ends the request, and its answer at any point. */
  readonly signal: AbortSignal;
};

/** More than any page of any list; where something else answers without an end, it is left. */
const LONGEST_ANSWER = 64 * 2 ** 20;

const JSON_TYPE = 'application/json';
const JSON_PATCH_TYPE = 'application/json-patch+json';

/** The answer, once its head is there. Throws for a status that is no success. */
export async function send(kubeConfig: KubeConfig, call: Call): Promise<IncomingMessage> {
  const { method, body, accept = JSON_TYPE, signal, pool } = call;
  const url = urlOf(kubeConfig, call);
  // Read anew each time: the kubelet changes a pod's token under way.
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
    // What fails after the head is the answer's error, too.
    sent.on('error', () => {});
    return sent.end(body && JSON.stringify(body));
  };
  const answer = await headOf(begin, signal);
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return answer;
  throw new ApiError(statusCode, await textOf(answer));
}

/** All of an answer. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LONGEST_ANSWER) throw new Error('the API server answered more than any list can hold');
  }
  return text;
}

/**
 * Returns the answer once its head is there. The API server may have closed a connection that was used before: then the request
 * is begun once more, on another. Without a socket a request does not notice the signal, so it is watched here, too.
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

async function response(sent: ClientRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(sent, 'response', { signal });
  if (!answer) throw new Error('the API server gave no answer');
  return answer;
}

function urlOf(kubeConfig: KubeConfig, { path, query = {} }: Call): URL {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (!server) throw new Error('the Kubernetes configuration names no current cluster');
  const url = new URL(server.replace(/\/$/, '') + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, `${value}`);
  return url;
}
