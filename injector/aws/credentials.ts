/**
 * Gets the credentials of the pod's own role, and of roles that are assumed after it. It uses no other identity, and each
 * function makes one try.
 */
import { createReadStream } from 'node:fs';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  type STSClient,
} from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { AssumedRole } from '../contract/roles.ts';
import { named } from './error.ts';

/** IAM takes a RoleSessionName of at most so many characters. */
const SESSION_NAME_LIMIT = 64;

type RoleRequest = { readonly roleArn: string; readonly sessionName: string };

/** Assumes the role of the ServiceAccount. The token is read for each try, as the kubelet may renew it meanwhile. */
export async function assumeWithWebIdentity(
  sts: STSClient,
  { roleArn, sessionName, token }: RoleRequest & { readonly token: () => Promise<string> },
): Promise<AwsCredentialIdentity> {
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: await token(),
  });
  return identityOf((await sts.send(command)).Credentials);
}

/** Assumes a role of this account or of another one, with the credentials of the client. The session lasts one hour, which is STS's default. */
export async function assumeRole(
  sts: STSClient,
  { roleArn, sessionName, externalId }: RoleRequest & AssumedRole,
): Promise<AwsCredentialIdentity> {
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  return identityOf((await sts.send(command)).Credentials);
}

function identityOf({ AccessKeyId, SecretAccessKey, SessionToken }: Partial<Credentials> = {}): AwsCredentialIdentity {
  return credentialsIn(AccessKeyId, SecretAccessKey, SessionToken);
}

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

/** Returns the projected token. Throws TokenUnreadable if there is none, or one that STS would not take. */
export async function readToken(file: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: TOKEN_LIMIT })) chunks.push(chunk);
  } catch {
    throw named('TokenUnreadable');
  }
  const bytes = Buffer.concat(chunks);
  const token = bytes.toString().trim();
  if (token === '' || bytes.length > TOKEN_LIMIT) throw named('TokenUnreadable');
  return token;
}
