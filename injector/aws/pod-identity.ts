/**
 * Gets credentials from the EKS Pod Identity agent of the node, by one GET with the pod's token. The request never goes through
 * a proxy.
 */
import type { AwsCredentialIdentity } from '@smithy/types';
import { readText } from './answer.ts';
import { credentialsIn } from './credentials.ts';
import { named } from './error.ts';
import { exchange } from './exchange.ts';
import type { Trust } from './trust.ts';

/** Milliseconds. The agent runs on the node, so that an agent that takes no connection within a second takes none. */
const CONNECTION_TIMEOUT = 1_000;

/** An answer of the agent has at most so many bytes: it holds four short texts and a session token of STS. */
const BODY_LIMIT = 64 * 1024;

/** After these errors no other address is tried, because the agent has answered or taken the request. */
const ANSWERED = new Set(['AnswerTooLarge', 'MalformedAnswer', 'TimeoutError']);

type Answer = { readonly status: number; readonly body: string };

/**
 * Returns the credentials that the first address gives on which an agent takes connections. It makes one try. ASCP documents
 * that it falls back from IPv4 to IPv6, and does not; this does. Throws PodIdentityRefused with the agent's status and words,
 * PodIdentityUnreachable if no address takes connections, TimeoutError, AnswerTooLarge, MalformedAnswer, or TokenUnreadable.
 */
export async function fetchFromAgent(
  addresses: readonly string[],
  readToken: () => Promise<string>,
  trust: Trust,
): Promise<AwsCredentialIdentity> {
  const token = await readToken();
  const { status, body } = await firstAnswer(addresses, { token, trust });
  if (status !== 200) {
    throw Object.assign(named('PodIdentityRefused'), { $metadata: { httpStatusCode: status }, words: body });
  }
  return parse(body);
}

type Question = { readonly token: string; readonly trust: Trust };

async function firstAnswer(addresses: readonly string[], question: Question): Promise<Answer> {
  let last: unknown;
  for (const address of addresses) {
    try {
      return await get(address, question);
    } catch (error) {
      if (error instanceof Error && ANSWERED.has(error.name)) throw error;
      last = error;
    }
  }
  throw named('PodIdentityUnreachable', last);
}

async function get(address: string, { token, trust }: Question): Promise<Answer> {
  const { status, body } = await exchange({
    url: new URL(address),
    method: 'GET',
    headers: { authorization: token },
    trust,
    connectionTimeout: CONNECTION_TIMEOUT,
  });
  return { status, body: await readText(body, BODY_LIMIT) };
}

function parse(body: string): AwsCredentialIdentity {
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
