/** Decides what happens to a pod: it is skipped, denied or injected, or the previous injection is applied again. */
import { declares, hasSources, ownAnnotations } from '../declare/annotations.ts';
import { checkNames } from '../declare/checks.ts';
import type { Declaration } from '../declare/declaration.ts';
import { declare } from '../declare/declare.ts';
import type { ProviderClass } from '../declare/provider-class.ts';
import { FILE, SHELL } from '../declare/sources/delivery.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import type { EnvFiles } from '../mutate/environment/variables.ts';
import type { Pod } from '../pod/pod.ts';
import { keepPrevious, refuseMoved } from '../reinvocation/keep-previous.ts';
import { isOrphaned } from '../reinvocation/orphaned.ts';
import type { Previous } from '../reinvocation/previous.ts';
import { type Candidate, isFargate, volumesToTakeOver } from './candidate.ts';
import { externalNames } from './external-secrets.ts';
import type { AccountRole } from './facts.ts';
import type { Version } from './kubernetes-version.ts';
import { mayUsePodIdentity, type Role, readRole, withNeeds } from './role.ts';
import type { SkipReason } from './skip.ts';
import { isWindows } from './windows.ts';

export type Denial = { readonly kind: 'deny'; readonly refusals: readonly Refusal[] };
export type Injection = { readonly kind: 'inject'; readonly declaration: Declaration; readonly role?: Role };

/** A decision that needs no ServiceAccount, region or node. `reapply`: the previous injection is applied again. */
export type EarlyDecision =
  | Denial
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'reapply'; readonly previous: Previous };

/** The SecretProviderClasses that the pod names, by their names; undefined if there is no such class. */
export type Classes = ReadonlyMap<string, ProviderClass | undefined>;

/** The facts about the cluster that a decision needs. */
export type Known = {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** The ServiceAccount; undefined if it does not exist. */
  readonly serviceAccount: AccountRole | undefined;
  /** The region of the cluster. */
  readonly region: string | undefined;
  readonly classes: Classes;
  readonly envFiles: EnvFiles;
  /** True if pods without the annotation `sync` make the Secrets of their classes. */
  readonly syncs?: boolean;
  /** The version of the API server; undefined if nothing of the pod depends on it. */
  readonly serverVersion?: Version | undefined;
};

/**
 * Returns the decision about a pod whose annotations and classes ask for no injection, and about an orphaned one; else
 * undefined.
 */
export function precheck(candidate: Candidate, classes: Classes): EarlyDecision | undefined {
  const { pod, annotations, previous } = candidate;
  const asks = hasSources(annotations) || volumesToTakeOver(candidate, classes).length > 0;
  if (isOrphaned(pod, asks)) return { kind: 'deny', refusals: [refusal('ASI_ADMIT_STRANDED')] };
  if (asks) return undefined;
  if (previous?.takenOver.length) {
    const refusals = checkNames(ownAnnotations(annotations));
    return refusals.length > 0 ? { kind: 'deny', refusals } : { kind: 'reapply', previous };
  }
  return declares(annotations) ? undefined : { kind: 'skip', reason: 'other-provider' };
}

/** Returns the injection that the pod asks for, or everything that is wrong with it at once. */
export function decide(candidate: Candidate, known: Known): Denial | Injection {
  const { pod, annotations, previous } = candidate;
  const { namespace, region, classes, syncs = false } = known;
  const volumes = volumesToTakeOver(candidate, classes);
  const declared = declare(annotations, { namespace, region, classes, volumes, syncs });
  const declaration = declared.ok ? keepPrevious(pod, declared.declaration, previous) : undefined;
  const isRoleNeeded = declaration
    ? declaration.identity.kind === 'web-identity'
    : !mayUsePodIdentity(annotations, volumes, classes);
  const role = isRoleNeeded ? readRole(known) : undefined;
  const refusals = [
    ...(isWindows(pod) ? [refusal('ASI_ADMIT_WINDOWS')] : []),
    ...(isRefusal(role) ? [externalNames(candidate).length > 0 ? withNeeds(role, declaration) : role] : []),
    ...(declared.ok ? [] : declared.refusals),
    ...(declaration ? refuseUnsupported(pod, declaration, known.envFiles) : []),
    ...refuseMoved(previous, region),
  ];
  if (!declaration || isRefusal(role) || refusals.length > 0) return { kind: 'deny', refusals };
  return { kind: 'inject', declaration, ...(role !== undefined && { role }) };
}

/** Returns the role with which the previous injection is applied again, if it needs one, or why it can not be. */
export function decideAgain(pod: Pod, previous: Previous, known: Known): Denial | Pick<Injection, 'role'> {
  const { kind } = previous.config.identity;
  const role = kind === 'web-identity' ? readRole(known) : undefined;
  const refusals = [
    ...(isRefusal(role) ? [role] : []),
    ...(kind === 'pod-identity' && isFargate(pod) ? [refusal('ASI_ADMIT_POD_IDENTITY_FARGATE')] : []),
    ...refuseMoved(previous, known.region),
  ];
  if (isRefusal(role) || refusals.length > 0) return { kind: 'deny', refusals };
  return role === undefined ? {} : { role };
}

/** Returns a refusal for each thing that the pod declares and that its node or its API server does not have. */
function refuseUnsupported(
  pod: Pod,
  { identity, delivery, variables }: Declaration,
  { server, serverVersion }: EnvFiles,
): Refusal[] {
  const refusals: Refusal[] = [];
  if (identity.kind === 'pod-identity' && isFargate(pod)) refusals.push(refusal('ASI_ADMIT_POD_IDENTITY_FARGATE'));
  if (delivery === 'kubelet' && variables.length > 0 && !server) {
    const message =
      `env: the API server is ${serverVersion}, and variables come from files from Kubernetes 1.35 on; ` +
      `upgrade the cluster; or set ${FILE} with env-delivery: file; or set ${SHELL}.`;
    refusals.push(refusal('ASI_ADMIT_ENV_DELIVERY', message));
  }
  return refusals;
}
