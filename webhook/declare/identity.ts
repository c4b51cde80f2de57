/** Decides whose credentials a pod uses: one kind for all that it declares, and perhaps roles of other accounts after it. */
import { type Refusal, refusal } from '../errors.ts';
import { PREFIX } from './annotations.ts';
import { type Identity, identityOf, type PodDefaults } from './classes/parameters.ts';
import type { Declaration } from './declaration.ts';
import type { Values } from './options.ts';

type HasIdentity = { readonly identity?: Identity };

/** Returns the identities that the classes and the annotations name. Annotations without one use the identity of the classes. */
export function identitiesOf(
  { parameters }: PodDefaults,
  { any }: { readonly any: boolean },
  classes: readonly HasIdentity[],
): Identity[] {
  const own = classes.flatMap(({ identity }) => (identity === undefined ? [] : [identity]));
  if (!any || parameters.usePodIdentity === undefined) return own;
  return [...own, identityOf(parameters)];
}

/** Returns the one identity that all sources share, or refuses more than one kind. A chosen address type wins over `auto`. */
export function oneIdentity(identities: readonly Identity[]): Identity | Refusal {
  const pod = identities.filter((identity) => identity.kind === 'pod-identity');
  if (pod.length === 0) return { kind: 'web-identity' };
  if (pod.length < identities.length) {
    return refusal(
      'ASI_ADMIT_MIXED_IDENTITIES',
      'use-pod-identity: some of what the pod declares uses EKS Pod Identity, and some the role of its ServiceAccount; ' +
        `give all classes the same usePodIdentity, or set ${PREFIX}use-pod-identity to "true" or "false"`,
    );
  }
  const { addressType } = pod.find((identity) => identity.addressType !== 'auto') ?? { addressType: 'auto' };
  return { kind: 'pod-identity', addressType };
}

/** Returns the roles that are assumed after the pod's own, if `role-arn` names any. Refuses an external ID without a role. */
export function assumedRole(own: ReadonlyMap<string, string>, values: Values): Pick<Declaration, 'assume'> | Refusal {
  const { 'role-arn': roles = [], 'external-id': externalId } = values;
  if (own.has('external-id') && !own.has('role-arn')) {
    return refusal('ASI_ADMIT_INVALID_VALUE', 'external-id: it is for role-arn, which is not there; add role-arn');
  }
  const [through, roleArn] = [roles.slice(0, -1), roles.at(-1)];
  if (roleArn === undefined) return {};
  const assume = { ...(through.length > 0 && { through }), roleArn, ...(externalId !== undefined && { externalId }) };
  return { assume };
}
