/** Lets a request pass to the routes of a server only if it is whole, has a bounded size, and is for one of the routes. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { onSendHookHandler } from 'fastify';
import { readBody } from './body.ts';
import type { Clients } from './clients.ts';
import { type Refusal, refuse, tooLarge } from './refusal.ts';

export type GateRules = {
  /** The methods of each path that has a route. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
  /** Bytes of one body. */
  readonly body: number;
};

/** Answers a request whose body is there. */
export type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** Bytes of a refused body that Node may have read before it stops, because nobody takes them. */
const UNREAD = 64 * 2 ** 10;

/** Lets whole requests through to a handler, with their bodies. Other requests are answered here, and their connections closed. */
export function guard<S extends Server>(
  server: S,
  clients: Clients,
  rules: GateRules,
  handler: Handler,
  onRefused: (refusal: Refusal) => void = () => {},
): S {
  const listener: RequestListener = (request, response) => {
    const finish = (read: Buffer | 'gone' | Refusal) => {
      if (Buffer.isBuffer(read)) handler(request, response, read);
      else if (read !== 'gone') {
        onRefused(read);
        clients.answering(request, UNREAD);
        refuse(request, read);
      }
    };
    clients.begin(request, response, () => {
      const refusal = refusalOf(request, rules);
      if (refusal) finish(refusal);
      else readBody(request, rules.body, clients, finish);
    });
  };
  // If the second handler were missing, Node would answer by itself, and leave the body unread on an open connection.
  return server.on('request', listener).on('checkExpectation', listener);
}

/** Returns the hook of an app that counts its answers as what its clients have yet to read. */
export function countAnswers(clients: Clients): onSendHookHandler<unknown> {
  return ({ raw }, _reply, payload, done) => {
    clients.answering(raw, typeof payload === 'string' ? Buffer.byteLength(payload) : 0);
    done(null, payload);
  };
}

/** Returns why a request is refused whose head alone is known; undefined when its body may be read. */
function refusalOf(
  { method = '', url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  { routes, body }: GateRules,
): Refusal | undefined {
  if ((headers.expect ?? '100-continue').toLowerCase() !== '100-continue')
    return { status: 417, error: 'only 100-continue may be expected' };
  const [path = ''] = url.split('?', 1);
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!methods) return { status: 404, error: `there is nothing here; ask for ${Object.keys(routes).join(' or ')}` };
  const allow = methods.join(', ');
  if (!methods.includes(method)) return { status: 405, error: `this path takes ${allow} only`, headers: { allow } };
  const isChunked = headers['transfer-encoding'] !== undefined;
  if (Number(headers['content-length'] ?? 0) > body || (isChunked && body === 0)) return tooLarge(body);
  if (body > 0 && !isPlainJson(headers))
    return { status: 415, error: 'the body must be application/json, not encoded' };
  return undefined;
}

function isPlainJson(headers: IncomingMessage['headers']): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  const encoding = headers['content-encoding'] ?? 'identity';
  return type.trim().toLowerCase() === 'application/json' && encoding.toLowerCase() === 'identity';
}
