/** Lists the roles that a pod assumes after its own. */
import type { InjectorConfig } from './config.ts';

/** One role that is assumed, with the external ID that its trust policy asks for, if there is one. */
export type AssumedRole = { readonly roleArn: string; readonly externalId?: string | undefined };

/**
 * Returns the actions that a role needs for the one that is assumed after it, if these configurations have it. A session of EKS Pod
 * Identity has tags that go over to each session after it: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
 */
export function assumingActions(configs: readonly Pick<InjectorConfig, 'identity'>[]): string[] {
  const hasTags = configs.some(({ identity }) => identity.kind === 'pod-identity');
  return ['sts:AssumeRole', ...(hasTags ? ['sts:TagSession'] : [])];
}

/** Returns the roles in the order in which they are assumed. The list is empty if the pod's own role reads the objects. */
export function assumedRoles(assume: InjectorConfig['assume']): AssumedRole[] {
  if (assume === undefined) return [];
  const { through = [], ...last } = assume;
  return [...through.map((roleArn) => ({ roleArn })), last];
}
