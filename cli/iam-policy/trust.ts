/** Makes the trust policies of roles: who may assume them. */
import { AUDIENCE } from '../../injector/contract/names.ts';

/** A trust policy has statements with principals in place of resources. */
export type Trust = { readonly Version: '2012-10-17'; readonly Statement: readonly object[] };

export type ServiceAccount = { readonly namespace: string; readonly name: string };

/**
 * Returns the trust policy for ServiceAccounts of a cluster, whose OIDC provider is given without https://. `audience` is
 * undefined for that of STS.
 */
export function trustWebIdentity(
  role: { readonly partition: string; readonly account: string },
  provider: string,
  accounts: readonly ServiceAccount[],
  audience: string | undefined,
): Trust {
  const subjects = [
    ...new Set(accounts.map(({ namespace, name }) => `system:serviceaccount:${namespace}:${name}`)),
  ].sort();
  return trust({
    Principal: { Federated: `arn:${role.partition}:iam::${role.account}:oidc-provider/${provider}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${provider}:sub`]: subjects, [`${provider}:aud`]: audience ?? AUDIENCE } },
  });
}

/** Returns the trust policy of a role with an EKS Pod Identity association, which names the ServiceAccount. */
export function trustPodIdentity(): Trust {
  return trust({ Principal: { Service: 'pods.eks.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession'] });
}

/** Returns the trust policy of a role that other roles assume. */
export function trustRoles(roleArns: readonly string[], externalId: string | undefined): Trust {
  const condition = externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } };
  return trust({ Principal: { AWS: roleArns }, Action: 'sts:AssumeRole', ...condition });
}

function trust(statement: object): Trust {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] };
}
