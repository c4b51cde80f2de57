/**
 * Gets credentials from the EKS Pod Identity agent of the node, by one GET with the pod's token. The request never goes through
 * a proxy.
 */
import type { Answer } from './answer.ts';
import type { Trust } from './connect.ts';
import { createConnections } from './connections.ts';
import { credentialsIn } from './credentials.ts';
import { factsOf, named } from './error.ts';
import type { Credentials } from './sign.ts';

/** The agent runs on the node, so that an agent that takes no connection within so many milliseconds takes none. */
const CONNECTION_TIMEOUT = 1_000;

/** An answer of the agent has at most so many bytes: it holds four short texts and a session token of STS. */
const BODY_LIMIT = 64 * 1024;

/** After these errors no other address is tried, because the agent has answered or taken the request. */
const ANSWERED = new Set(['AnswerTooLarge', 'UnreadableAnswer', 'TimeoutError']);

/**
 * Returns the credentials that the first address gives on which an agent takes connections. It makes one try. ASCP documents
 * that it falls back from IPv4 to IPv6, and does not; this does. Throws PodIdentityRefused with the agent's status and words,
 * PodIdentityUnreachable if no address takes connections, TimeoutError, AnswerTooLarge, MalformedAnswer, or TokenUnreadable.
 */
export async function fetchFromAgent(
  addresses: readonly string[],
  readToken: () => Promise<string>,
  trust: Trust,
): Promise<Credentials> {
  const token = await readToken();
  const { status, body } = await firstAnswer(addresses, { token, trust });
  if (status !== 200) {
    throw Object.assign(named('PodIdentityRefused'), { status, words: body.toString() });
  }
  return parse(body.toString());
}

type Question = { readonly token: string; readonly trust: Trust };

async function firstAnswer(addresses: readonly string[], question: Question): Promise<Answer> {
  let last: unknown;
  for (const address of addresses) {
    try {
      return await get(address, question);
    } catch (error) {
      const { name, code } = factsOf(error);
      if (ANSWERED.has(name) && code !== 'ETIMEDOUT') throw error;
      last = error;
    }
  }
  throw named('PodIdentityUnreachable', last);
}

async function get(address: string, { token, trust }: Question): Promise<Answer> {
  const endpoint = new URL(address);
  const connections = createConnections({ endpoint, trust, connectionTimeout: CONNECTION_TIMEOUT });
  const path = `${endpoint.pathname}${endpoint.search}`;
  try {
    return await connections.ask({
      method: 'GET',
      path,
      headers: { authorization: token },
      body: '',
      limit: BODY_LIMIT,
    });
  } finally {
    connections.close();
  }
}

function parse(body: string): Credentials {
  const { AccessKeyId, SecretAccessKey, Token } = parseObject(body);
  return credentialsIn(AccessKeyId, SecretAccessKey, Token);
}

function parseObject(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch {
    throw named('MalformedAnswer');
  }
}
