/** Makes requests for Secrets to the API server of the pod's own cluster, with the ServiceAccount of the pod. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { join } from 'node:path';
import { readText } from '../aws/answer.ts';
import { named } from '../aws/error.ts';
import { KUBERNETES_CA_FILE, KUBERNETES_TOKEN_FILE } from '../contract/names.ts';

/** The address of the API server, which the kubelet gives to every container. */
export type ApiServer = { readonly host: string; readonly port: string };

export type ApiRequest = { readonly method: 'GET' | 'PATCH'; readonly path: string; readonly body?: string };

/** The answer to a request. `body` is undefined if it is no JSON. */
export type ApiAnswer = { readonly status: number; readonly retryAfter: string | undefined; readonly body: unknown };

/** One request may take so many milliseconds, as long as the API server lets admission webhooks take. */
const TIMEOUT = 30_000;

/**
 * An answer has at most so many bytes. A Secret holds 1 MiB, which is a third more in base64; its metadata may have another 256
 * KiB. https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size
 */
const ANSWER_LIMIT = 4 * 2 ** 20;

/** The media type of server-side apply. JSON is YAML. */
const APPLY = 'application/apply-patch+yaml';

/**
 * Makes one request. The token is read each time, as the kubelet renews it. Throws TokenUnreadable, AnswerTooLarge, TimeoutError, or
 * the error of the network. Nothing else is trusted than the certificate authority of the cluster.
 */
export async function ask({ host, port }: ApiServer, root: string, request: ApiRequest): Promise<ApiAnswer> {
  const [token, ca] = [read(root, KUBERNETES_TOKEN_FILE), read(root, KUBERNETES_CA_FILE)];
  const { method, path, body } = request;
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const sent = requestHttps({
    host,
    port,
    method,
    path,
    agent: false,
    ca,
    rejectUnauthorized: true,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': APPLY, 'content-length': Buffer.byteLength(body) }),
    },
  });
  const timer = setTimeout(() => sent.destroy(named('TimeoutError')), TIMEOUT);
  sent.on('close', () => clearTimeout(timer));
  sent.on('error', reject);
  sent.on('response', (response) => {
    const { statusCode: status = 0, headers } = response;
    readAnswer(response).then((json) => resolve({ status, retryAfter: headers['retry-after'], body: json }), reject);
  });
  sent.end(body);
  return promise;
}

function read(root: string, file: string): string {
  try {
    const text = readFileSync(join(root, file), 'utf8').trim();
    if (text !== '') return text;
  } catch {
    // It is as good as empty.
  }
  throw named('TokenUnreadable');
}

async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const text = await readText(response, ANSWER_LIMIT);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
