/** The pod's own identity, and no other: its web identity token for credentials of its role. */
import { readFile } from 'node:fs/promises';
import { AssumeRoleWithWebIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { named, type Retries, retrying } from './retry.ts';

/** IAM's limit for RoleSessionName. */
const SESSION_NAME_LIMIT = 64;

export type CredentialRequest = {
  readonly namespace: string;
  readonly roleArn: string;
  readonly tokenFile: string;
  readonly podName: string;
  readonly retries: Retries;
  /** Hears of every failed try. */
  readonly onFailure: (error: unknown) => void;
};

/** Assumes the role. The token file is read for each try, as the kubelet may renew it meanwhile. */
export async function assumeRole(sts: STSClient, request: CredentialRequest): Promise<AwsCredentialIdentity> {
  const { namespace, roleArn, tokenFile, podName, retries, onFailure } = request;
  return retrying(retries, async () => {
    try {
      const { Credentials } = await sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: roleArn,
          RoleSessionName: sessionName(namespace, podName),
          WebIdentityToken: await readToken(tokenFile),
        }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw named('MalformedAnswer');
      return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    } catch (error) {
      onFailure(error);
      throw error;
    }
  });
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

async function readToken(file: string): Promise<string> {
  const token = await readFile(file, 'utf8').catch(() => '');
  if (token.trim() === '') throw named('TokenUnreadable');
  return token.trim();
}
