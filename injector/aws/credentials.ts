/** Has what every request for credentials needs: the projected token, the name of the session, and the check of the answer. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { AwsCredentialIdentity } from '@smithy/types';
import { named } from './error.ts';

/** IAM takes a RoleSessionName of at most so many characters. */
const SESSION_NAME_LIMIT = 64;

export type RoleRequest = { readonly roleArn: string; readonly sessionName: string };

/** Returns the credentials. Throws MalformedAnswer if one is missing, or could not stand in a request's header. */
export function credentialsIn(keyId: unknown, key: unknown, token: unknown): AwsCredentialIdentity {
  const [accessKeyId, secretAccessKey, sessionToken] = [keyId, key, token].map(visible);
  if (!accessKeyId || !secretAccessKey || !sessionToken) throw named('MalformedAnswer');
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** Returns the text if it has visible ASCII characters only, and undefined otherwise. */
function visible(text: unknown): string | undefined {
  return typeof text === 'string' && /^[!-~]+$/.test(text) ? text : undefined;
}

/**
 * Returns `namespace.pod` as the name of the session, which CloudTrail shows, in the characters and the length that IAM takes.
 * A text that is too long loses its beginning or middle, because the end of a pod's name distinguishes it from its siblings.
 */
export function sessionName(namespace: string, podName: string): string {
  const allowed = (text: string) => text.replace(/[^\w+=,.@-]/g, '-');
  const [space, pod] = [allowed(namespace), allowed(podName || 'pod')];
  const tail = pod.slice(-Math.max(SESSION_NAME_LIMIT - 1 - space.length, SESSION_NAME_LIMIT / 2));
  return `${space.slice(0, SESSION_NAME_LIMIT - 1 - tail.length)}.${tail}`;
}

/**
 * A token has at most so many bytes: STS takes a web identity token of 20,000 characters (AssumeRoleWithWebIdentity:
 * WebIdentityToken).
 */
const TOKEN_LIMIT = 20_000;

/**
 * Returns the projected token. Throws TokenUnreadable if there is none, or one that STS would not take. It is read at once, as it is
 * in memory: a reader that waits would start two threads first.
 */
export async function readToken(file: string): Promise<string> {
  const bytes = Buffer.alloc(TOKEN_LIMIT + 1);
  let length: number;
  try {
    const descriptor = openSync(file, 'r');
    length = readSync(descriptor, bytes);
    closeSync(descriptor);
  } catch {
    throw named('TokenUnreadable');
  }
  const token = bytes.toString('utf8', 0, length).trim();
  if (token === '' || length > TOKEN_LIMIT) throw named('TokenUnreadable');
  return token;
}
