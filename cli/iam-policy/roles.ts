/** Finds the roles that pods need, with what each of them has to be allowed and whom it has to trust. */
import { assumedRoles, assumingActions } from '../../injector/contract/roles.ts';
import type { Need as Examined } from '../admission/needs.ts';
import { UNKNOWN_ROLE } from '../admission/world.ts';
import { type Account, assumingStatements, type Policy, policyOf, readingStatements } from './policy.ts';
import {
  type Trust,
  type TrustStatement,
  trustPodIdentity,
  trustPolicy,
  trustRoles,
  trustWebIdentity,
} from './trust.ts';

/** A pod's ServiceAccount, and the configuration of its injected container. */
export type Need = Pick<Examined, 'account' | 'config'>;

export type Role = {
  /** The ARN of the role; else whose role it is. */
  readonly role: string;
  readonly policy: Policy;
  /** Undefined if the OIDC provider of the cluster is not known. */
  readonly trust?: Trust;
};

export type RoleOptions = {
  /** The AWS account of objects and roles that name none. */
  readonly account: string;
  readonly oidcProvider?: string;
  readonly kmsKey?: readonly string[];
};

/** One use of a role by a pod: as its own, or as one of those that are assumed after it. */
type Use = {
  readonly role: string;
  readonly need: Need;
  /** The role before it, which assumes it; undefined for the pod's own. */
  readonly caller?: string;
  readonly externalId?: string | undefined;
  /** The role after it, which it assumes; undefined for the one that reads. */
  readonly next?: string | undefined;
};

/** Returns each role that the pods need: first their own ones, then those that are assumed after these. */
export function rolesOf(needs: readonly Need[], options: RoleOptions): Role[] {
  const uses = needs.map(usesOf);
  const inOrder = [...uses.flatMap(([own]) => own ?? []), ...uses.flatMap(([, ...assumed]) => assumed)];
  const byRole = Map.groupBy(inOrder, ({ role }) => role);
  return [...byRole].map(([role, group]) => makeRole(role, group, options));
}

function usesOf(need: Need): Use[] {
  const chain = [{ roleArn: ownRole(need) }, ...assumedRoles(need.config.assume)];
  return chain.map(({ roleArn: role, ...more }, index) => {
    const caller = chain[index - 1]?.roleArn;
    return { role, need, ...more, next: chain[index + 1]?.roleArn, ...(caller !== undefined && { caller }) };
  });
}

function ownRole({ account: { namespace, name }, config: { identity } }: Need): string {
  if (identity.kind === 'pod-identity') return `Pod Identity association of ServiceAccount ${namespace}/${name}`;
  return identity.roleArn === UNKNOWN_ROLE ? `role of ServiceAccount ${namespace}/${name}` : identity.roleArn;
}

function makeRole(role: string, uses: readonly Use[], options: RoleOptions): Role {
  const where = accountOf(role, uses, options);
  const reading = uses.flatMap(({ next, need }) => (next === undefined ? [need.config] : []));
  const trust = trustOf(uses, where, options);
  return {
    role,
    policy: policyOf([
      ...readingStatements(reading, where, options.kmsKey ?? []),
      ...assumingStatements(
        uses.flatMap(({ next }) => next ?? []),
        assumingActions(uses.map(({ need }) => need.config)),
      ),
    ]),
    ...(trust && { trust }),
  };
}

/** Returns whom the role has to trust; undefined if that is not known of one of its uses. */
function trustOf(uses: readonly Use[], where: Account, options: RoleOptions): Trust | undefined {
  const own = uses.filter(({ caller }) => caller === undefined).map(({ need }) => need);
  const first = own.length > 0 ? trustPods(own, where, options) : [];
  const callers = uses.flatMap(({ caller, externalId, need }) =>
    caller !== undefined && (isKnown(caller) || trustPods([need], where, options)) ? [{ caller, externalId }] : [],
  );
  const actions = assumingActions(uses.map(({ need }) => need.config));
  const statements = first && [...first, ...trustRoles(callers, actions)];
  return statements && statements.length > 0 ? trustPolicy(statements) : undefined;
}

/** Returns whether the ARN of a role is known, and not only whose role it is. */
export function isKnown(role: string): boolean {
  return role.startsWith('arn:');
}

/** Returns how a role trusts its pods; undefined if the OIDC provider of the cluster is not known. */
function trustPods(
  needs: readonly Need[],
  where: Account,
  { oidcProvider }: RoleOptions,
): TrustStatement[] | undefined {
  const identity = needs[0]?.config.identity;
  if (identity?.kind === 'pod-identity') return [trustPodIdentity()];
  if (oidcProvider === undefined) return undefined;
  const accounts = needs.map(({ account }) => account);
  return [trustWebIdentity(where, oidcProvider.replace(/^https:\/\//, ''), accounts, identity?.audience)];
}

/** The objects of a role are in its own account, unless their ARNs say otherwise. */
function accountOf(role: string, uses: readonly Use[], options: RoleOptions): Account {
  const region = uses[0]?.need.config.region ?? '';
  const byRegion = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const [, partition = byRegion, , , account = options.account] = isKnown(role) ? role.split(':') : [];
  return { partition, account };
}
