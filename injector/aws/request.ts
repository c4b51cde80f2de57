/**
 * Makes requests to Secrets Manager and Parameter Store. They are JSON, and the SDK's signer signs them. The SDK's clients would
 * take five times the CPU time for each request, ten times for an answer that is an error, and some milliseconds to be loaded.
 * Measured side by side: one secret takes 30 ms of CPU time instead of 39, and fifty take 76 instead of 107.
 */
import type { ServiceName } from '../contract/services.ts';
import { readText } from './answer.ts';
import type { Target } from './endpoint.ts';
import { type Operations, TARGETS } from './operations.ts';
import { jsonRefusal, refusal } from './refusal.ts';
import { createSignedSend, type SignedSend } from './sign.ts';

/**
 * Makes one request, with an answer of at most `limit` bytes. Rejects with the error of AWS, which has the properties of
 * the SDK's errors, with AnswerTooLarge, or with the error of the network.
 */
export type AskAws = <Name extends keyof Operations>(
  operation: Name,
  input: Operations[Name][0],
  limit: number,
) => Promise<Operations[Name][1]>;

/** Returns what asks the services of one region. It opens no connection. */
export function createAsk(target: Target): AskAws {
  const sends = new Map<ServiceName, SignedSend>();
  const sendTo = (service: ServiceName) => {
    const send = sends.get(service) ?? createSignedSend(service, target);
    sends.set(service, send);
    return send;
  };
  return async (operation, input, limit) => {
    const [service, prefix] = TARGETS[operation];
    const names = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${prefix}.${operation}` };
    const { status, headers, body } = await sendTo(service)(names, JSON.stringify(input));
    const text = await readText(body, limit);
    if (status >= 300) throw jsonRefusal(text, { status, headers });
    const output = outputIn(text);
    if (output === undefined) throw refusal('', '', { status, headers });
    return output;
  };
}

/**
 * Returns the JSON object in the body of an answer, without its members that are null and with the bytes of binary secrets, as the
 * SDK does. Returns undefined if it is anything else.
 */
function outputIn(text: string): object | undefined {
  try {
    const output: unknown = JSON.parse(text, (key, value) =>
      key === 'SecretBinary' ? bytesOf(value) : (value ?? undefined),
    );
    return typeof output === 'object' && !Array.isArray(output) ? (output as object) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the bytes that the text is the base64 of, or undefined for null. Throws if it is anything else. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'string' || value.length % 4 > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw new TypeError();
  return Buffer.from(value, 'base64');
}
