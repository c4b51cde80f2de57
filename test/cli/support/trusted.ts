/** Gives roles of the in-memory AWS the trust in other roles that `iam-policy` prints for them. */
import type { Trust } from '../../../cli/iam-policy/trust.ts';
import type { RoleInput } from '../../aws/world.ts';

/** Returns the roles that may assume a role by its trust policy; none if it names no roles, or is not known. */
export function trustedPrincipals(trust: Trust | undefined): NonNullable<RoleInput['trustedPrincipals']> {
  return (trust?.Statement ?? []).flatMap(({ Principal, Action, Condition }) => {
    const externalId = Condition?.StringEquals['sts:ExternalId'];
    const arns = [Principal['AWS'] ?? []].flat();
    const tags = Action.includes('sts:TagSession');
    return arns.map((arn) => ({ arn, tags, ...(typeof externalId === 'string' && { externalId }) }));
  });
}
