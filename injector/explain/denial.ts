/**
 * Finds the policy that denied a request in AWS's own words. An Allow in the role's policy does not help if another policy
 * has a Deny or lacks an Allow. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { messageOf } from './error.ts';

const EXPLICIT = /with an explicit deny(?: in an? ([a-z -]{1,40}?policy|permissions boundary))?/i;
const IMPLICIT = /because no ([a-z -]{1,40}?policy|permissions boundary) allows/i;

/** Returns which policy to change so that the action on the ARN is allowed: the role's, unless AWS names another one. */
export function denialFix(error: unknown, action: string, arn: string): string {
  const message = messageOf(error);
  const denied = EXPLICIT.exec(message);
  if (denied !== null) {
    const policy = denied[1] ?? 'policies of the role, the resource or the organization';
    return `Take ${action} on ${arn} out of the Deny in the ${policy}: no Allow outweighs a Deny.`;
  }
  const policy = IMPLICIT.exec(message)?.[1] ?? 'identity-based policy';
  return policy.toLowerCase() === 'identity-based policy'
    ? `Allow ${action} on ${arn} in the role's policy.`
    : `Allow ${action} on ${arn} in the ${policy}, besides the role's policy.`;
}

/** Returns whether AWS says that a policy denies the request, and not only that none allows it. */
export function isExplicitDeny(error: unknown): boolean {
  return EXPLICIT.test(messageOf(error));
}
