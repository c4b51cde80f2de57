/** Finds the roles that pods need, with what each of them has to be allowed and whom it has to trust. */
import type { InjectorConfig } from '../../injector/contract/config.ts';
import type { Need as Examined } from '../admission/needs.ts';
import { UNKNOWN_ROLE } from '../admission/world.ts';
import { type Account, assumingStatements, type Policy, policyOf, readingStatements } from './policy.ts';
import { type ServiceAccount, type Trust, trustPodIdentity, trustRoles, trustWebIdentity } from './trust.ts';

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

/** Returns each role that the pods need, those that others assume behind these. */
export function rolesOf(needs: readonly Need[], options: RoleOptions): Role[] {
  const own = Map.groupBy(needs, ({ account, config }) => ownRole(account, config));
  const assumed = Map.groupBy(
    needs.filter(({ config }) => config.assume !== undefined),
    ({ config }) => config.assume?.roleArn ?? '',
  );
  return [
    ...[...own].map(([role, group]) => makeOwn(role, group, options)),
    ...[...assumed].map(([role, group]) => makeAssumed(role, group, options)),
  ];
}

function ownRole({ namespace, name }: ServiceAccount, { identity }: InjectorConfig): string {
  if (identity.kind === 'pod-identity') return `Pod Identity association of ServiceAccount ${namespace}/${name}`;
  return identity.roleArn === UNKNOWN_ROLE ? `role of ServiceAccount ${namespace}/${name}` : identity.roleArn;
}

function makeOwn(role: string, needs: readonly Need[], options: RoleOptions): Role {
  const where = accountOf(role, needs, options);
  const configs = needs.map(({ config }) => config);
  const direct = configs.filter(({ assume }) => assume === undefined);
  const others = new Set(configs.flatMap(({ assume }) => assume?.roleArn ?? []));
  const trust = trustOf(needs, where, options);
  return {
    role,
    policy: policyOf([
      ...(direct.length > 0 ? readingStatements(direct, where, options.kmsKey ?? []) : []),
      ...[...others].flatMap(assumingStatements),
    ]),
    ...(trust && { trust }),
  };
}

function makeAssumed(role: string, needs: readonly Need[], options: RoleOptions): Role {
  const where = accountOf(role, needs, options);
  const configs = needs.map(({ config }) => config);
  const trusted = needs
    .flatMap(({ account, config }) => ownRole(account, config))
    .filter((one) => one.startsWith('arn:'));
  const externalId = configs.find(({ assume }) => assume?.externalId !== undefined)?.assume?.externalId;
  return {
    role,
    policy: policyOf(readingStatements(configs, where, options.kmsKey ?? [])),
    // Nobody but EKS knows the role of a Pod Identity association.
    ...(trusted.length > 0 && { trust: trustRoles([...new Set(trusted)], externalId) }),
  };
}

function trustOf(needs: readonly Need[], where: Account, { oidcProvider }: RoleOptions): Trust | undefined {
  const [first] = needs;
  if (first === undefined) return undefined;
  const { identity } = first.config;
  if (identity.kind === 'pod-identity') return trustPodIdentity();
  if (oidcProvider === undefined) return undefined;
  const accounts = needs.map(({ account }) => account);
  return trustWebIdentity(where, oidcProvider.replace(/^https:\/\//, ''), accounts, identity.audience);
}

/** The objects of a role are in its own account, unless their ARNs say otherwise. */
function accountOf(role: string, needs: readonly Need[], options: RoleOptions): Account {
  const region = needs[0]?.config.region ?? '';
  const byRegion = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const [, partition = byRegion, , , account = options.account] = role.startsWith('arn:') ? role.split(':') : [];
  return { partition, account };
}
