/** Gets the credentials of a role that is assumed after the pod's own. It is loaded only if the configuration has such a role. */
import type { AwsCredentialIdentity } from '@smithy/types';
import type { AssumedRole } from '../contract/roles.ts';
import type { RoleRequest } from './credentials.ts';
import type { Target } from './endpoint.ts';
import { createSignedSend } from './sign.ts';
import { credentialsOf } from './web-identity.ts';

/**
 * Assumes a role of this account or of another one, with the credentials of the target. Makes one try. The session lasts one hour,
 * which is STS's default. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export async function assumeRole(
  target: Target,
  { roleArn, sessionName, externalId }: RoleRequest & AssumedRole,
): Promise<AwsCredentialIdentity> {
  const form = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  });
  const send = createSignedSend('sts', target);
  return credentialsOf(await send({ 'content-type': 'application/x-www-form-urlencoded' }, form.toString()));
}
