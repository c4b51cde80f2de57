/** Gets the credentials of a role that is assumed after the pod's own. It is loaded only if the configuration has such a role. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { AssumedRole } from '../contract/roles.ts';
import { limitAnswers, REST } from './answer.ts';
import { settings, type Target } from './clients.ts';
import { credentialsIn, type RoleRequest } from './credentials.ts';

/**
 * Assumes a role of this account or of another one, with the credentials of the target. Makes one try. The session lasts one hour,
 * which is STS's default. Each role has a client of its own, as a client keeps the first credentials that it gets.
 */
export async function assumeRole(
  target: Target,
  { roleArn, sessionName, externalId }: RoleRequest & AssumedRole,
): Promise<AwsCredentialIdentity> {
  const sts = limitAnswers(new STSClient(settings('sts', target)), () => REST);
  const command = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  const { Credentials: { AccessKeyId, SecretAccessKey, SessionToken } = {} } = await sts.send(command);
  return credentialsIn(AccessKeyId, SecretAccessKey, SessionToken);
}
