/** Makes the trust policies of roles: who may assume them. */
import { AUDIENCE } from '../../injector/contract/names.ts';

/** Says who may assume a role, and on which condition. */
export type TrustStatement = {
  readonly Effect: 'Allow';
  readonly Principal: Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, string | readonly string[]>> };
};

/** A trust policy has statements with principals in place of resources. */
export type Trust = { readonly Version: '2012-10-17'; readonly Statement: readonly TrustStatement[] };

export type ServiceAccount = { readonly namespace: string; readonly name: string };

/** Returns the trust policy with these statements. */
export function trustPolicy(statements: readonly TrustStatement[]): Trust {
  return { Version: '2012-10-17', Statement: statements };
}

/**
 * Returns the statement for ServiceAccounts of a cluster, whose OIDC provider is given without https://. `audience` is undefined
 * for that of STS.
 */
export function trustWebIdentity(
  role: { readonly partition: string; readonly account: string },
  provider: string,
  accounts: readonly ServiceAccount[],
  audience: string | undefined,
): TrustStatement {
  const subjects = [
    ...new Set(accounts.map(({ namespace, name }) => `system:serviceaccount:${namespace}:${name}`)),
  ].sort();
  return allow({
    Principal: { Federated: `arn:${role.partition}:iam::${role.account}:oidc-provider/${provider}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${provider}:sub`]: subjects, [`${provider}:aud`]: audience ?? AUDIENCE } },
  });
}

/** Returns the statement for a role with an EKS Pod Identity association, which names the ServiceAccount. */
export function trustPodIdentity(): TrustStatement {
  return allow({ Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] });
}

/** Is a role that assumes another one, with the external ID that it gives, if there is one. */
export type Caller = { readonly caller: string; readonly externalId?: string | undefined };

/** Returns the statements for roles that assume the role: one for those without an external ID, and one for each external ID. */
export function trustRoles(callers: readonly Caller[], actions: readonly string[]): TrustStatement[] {
  return [...Map.groupBy(callers, ({ externalId }) => externalId)].map(([externalId, group]) => {
    const condition = externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } };
    const roles = [...new Set(group.map(({ caller }) => caller))];
    return allow({ Principal: { AWS: roles }, Action: actions, ...condition });
  });
}

function allow(statement: Omit<TrustStatement, 'Effect'>): TrustStatement {
  return { Effect: 'Allow', ...statement };
}
