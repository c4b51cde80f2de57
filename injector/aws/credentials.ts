/** The pod's own identity, and no other: credentials of its role, and of a role that this one may assume. One try each. */
import { readFile } from 'node:fs/promises';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  type STSClient,
} from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { named } from './error.ts';

/** IAM's limit for RoleSessionName. */
const SESSION_NAME_LIMIT = 64;

export type RoleRequest = { readonly roleArn: string; readonly sessionName: string };

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

/** A role of this account or another, with the credentials of the client. */
export async function assumeRole(
  sts: STSClient,
  { roleArn, sessionName, externalId }: RoleRequest & { readonly externalId: string | undefined },
): Promise<AwsCredentialIdentity> {
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  return identityOf((await sts.send(command)).Credentials);
}

function identityOf(credentials: Credentials | undefined): AwsCredentialIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw named('MalformedAnswer');
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/**
 * `namespace.pod` for CloudTrail, in the characters and the length that IAM takes. What is too long loses its beginning or
 * middle: the end of a pod's name is what tells it from its siblings.
 */
export function sessionName(namespace: string, podName: string): string {
  const allowed = (text: string) => text.replace(/[^\w+=,.@-]/g, '-');
  const [space, pod] = [allowed(namespace), allowed(podName || 'pod')];
  const tail = pod.slice(-Math.max(SESSION_NAME_LIMIT - 1 - space.length, SESSION_NAME_LIMIT / 2));
  return `${space.slice(0, SESSION_NAME_LIMIT - 1 - tail.length)}.${tail}`;
}

/** The projected token. Throws TokenUnreadable where there is none. */
export async function readToken(file: string): Promise<string> {
  const token = await readFile(file, 'utf8').catch(() => '');
  if (token.trim() === '') throw named('TokenUnreadable');
  return token.trim();
}
