/** What becomes of a pod, and why: a closed set of reasons that answers, logs and metrics share. */
import { declares, hasSources, ownAnnotations, PREFIX } from '../declare/annotations.ts';
import { checkNames } from '../declare/check-names.ts';
import type { Declaration } from '../declare/declaration.ts';
import { declare } from '../declare/declare.ts';
import type { CsiVolume, ProviderClass } from '../declare/provider-class.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import type { Pod } from '../pod/pod.ts';
import { carryOver, hasTakenOver } from '../reinvocation/keep-previous.ts';
import { isStranded, stranded } from '../reinvocation/orphaned.ts';
import type { AdmissionSettings } from '../settings.ts';
import { csiVolumes, isFargate, isSwitchedOff, ourVolumes } from './csi.ts';
import type { EnvFiles } from './facts.ts';
import type { Request } from './review.ts';
import { mayUsePodIdentity, readRole } from './role.ts';

const SKIPS = {
  'not-a-creation': 'Only the creation of a pod is of interest.',
  'nothing-declared': 'The pod declares nothing.',
  'switched-off': 'The pod declares something, and says inject: "false".',
  'mirror-pod': 'A node created the pod as the mirror of a static pod, which cannot be changed.',
  'other-provider': "The pod's CSI volumes are of other providers.",
  'taken-over':
    "The pod's CSI volumes were taken over before, it declares nothing more, and nothing is to be held to that.",
  'exempt-namespace': 'Pods of kube-system and of the injector itself are never touched.',
} as const;

export type SkipReason = keyof typeof SKIPS;

export function describeSkip(reason: string): string | undefined {
  return (SKIPS as Readonly<Record<string, string>>)[reason];
}

export type Decision =
  | { readonly kind: 'deny'; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  | { readonly kind: 'inject'; readonly declaration: Declaration; readonly roleArn?: string };

/** What the cluster says about the pod. */
export type Known = {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Absent: there is no such ServiceAccount. */
  readonly found?: { readonly roleArn?: string };
  readonly region: string | undefined;
  readonly classes: ReadonlyMap<string, ProviderClass | undefined>;
  readonly envFiles: EnvFiles;
};

/** Returns why a request needs no injection, or undefined. It asks nobody, as most pods declare nothing and end here. */
export function skipReason(request: Request, settings: AdmissionSettings): SkipReason | undefined {
  if (request.kind !== 'creation') return 'not-a-creation';
  const { pod, namespace, user } = request;
  const annotations = pod.metadata.annotations ?? {};
  if (namespace === 'kube-system' || isOwn(namespace, settings.namespace)) return 'exempt-namespace';
  // Anybody may write the annotation; only a node creates mirror pods, under its own name.
  if (annotations['kubernetes.io/config.mirror'] !== undefined && user.startsWith('system:node:')) return 'mirror-pod';
  if (csiVolumes(pod, settings.takeOverCsiVolumes).length > 0 || declares(annotations)) return undefined;
  if (isSwitchedOff(pod)) return asksUnswitched(pod, settings) ? 'switched-off' : 'nothing-declared';
  return hasTakenOver(pod) || isStranded(pod, false) ? undefined : 'nothing-declared';
}

/** Whether it would ask for something without `inject`. */
function asksUnswitched(pod: Pod, { takeOverCsiVolumes: mode }: AdmissionSettings): boolean {
  const { [`${PREFIX}inject`]: _, ...others } = pod.metadata.annotations ?? {};
  return (
    declares(others) || csiVolumes({ ...pod, metadata: { ...pod.metadata, annotations: others } }, mode).length > 0
  );
}

/** As the chart's selector has it: a webhook in `default` shares it with apps, whose pods are never let pass unseen. */
function isOwn(namespace: string, ownNamespace: string): boolean {
  return namespace === ownNamespace && namespace !== 'default';
}

/**
 * Returns what becomes of a pod that asks for nothing now that its classes are known, or undefined where more of the cluster
 * must be asked. `hold` means that an earlier pass took its volumes over, and that what came since is to be held to it.
 */
export function precheck(
  pod: Pod,
  candidates: readonly CsiVolume[],
  classes: Known['classes'],
): Exclude<Decision, { kind: 'inject' }> | { readonly kind: 'hold' } | undefined {
  const annotations = pod.metadata.annotations ?? {};
  const asks = hasSources(annotations) || ourVolumes(pod, candidates, classes).length > 0;
  if (isStranded(pod, asks)) return { kind: 'deny', refusals: [stranded()] };
  if (asks) return undefined;
  const refusals = checkNames(ownAnnotations(annotations));
  if (hasTakenOver(pod)) return refusals.length > 0 ? { kind: 'deny', refusals } : { kind: 'hold' };
  return declares(annotations) ? undefined : { kind: 'skip', reason: 'other-provider' };
}

/** Returns all that is wrong with a pod that declares something, or what to inject. `candidates` may be taken over. */
export function decide(pod: Pod, candidates: readonly CsiVolume[], known: Known): Decision {
  const annotations = pod.metadata.annotations ?? {};
  const { namespace, region, classes } = known;
  const volumes = ourVolumes(pod, candidates, classes);
  const declared = declare(annotations, { namespace, region, classes, volumes });
  const declaration = declared.ok ? carryOver(pod, declared.declaration) : undefined;
  const isRoleNeeded = declaration
    ? declaration.identity.kind === 'web-identity'
    : !mayUsePodIdentity(annotations, volumes, classes);
  const role = isRoleNeeded ? readRole(known) : undefined;
  const refusals = [
    ...(isWindows(pod) ? [windows()] : []),
    ...(isRefusal(role) ? [role] : []),
    ...(declared.ok ? [] : declared.refusals),
    ...(declaration ? unsupported(pod, declaration, known.envFiles) : []),
  ];
  if (!declaration || isRefusal(role) || refusals.length > 0) return { kind: 'deny', refusals };
  return { kind: 'inject', declaration, ...(role !== undefined && { roleArn: role }) };
}

/** What the declaration asks for and the cluster does not have. */
function unsupported(
  pod: Pod,
  { identity, delivery, variables }: Declaration,
  { server, serverVersion }: EnvFiles,
): Refusal[] {
  const refusals: Refusal[] = [];
  if (identity.kind === 'pod-identity' && isFargate(pod)) {
    const message =
      'EKS Pod Identity needs an agent on each node, and Fargate runs none: give the ServiceAccount a role by its annotation ' +
      'eks.amazonaws.com/role-arn, and take use-pod-identity (usePodIdentity in a class) off.';
    refusals.push(refusal('ASI_ADMIT_POD_IDENTITY_FARGATE', message));
  }
  if (delivery === 'kubelet' && variables.length > 0 && !server) {
    const message =
      `env: the API server is ${serverVersion}, and variables come from files from Kubernetes 1.35 on; ` +
      `set ${PREFIX}env-delivery to shell or file, or upgrade the cluster.`;
    refusals.push(refusal('ASI_ADMIT_ENV_DELIVERY', message));
  }
  return refusals;
}

function isWindows({ spec }: Pod): boolean {
  return spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows';
}

function windows(): Refusal {
  return refusal(
    'ASI_ADMIT_WINDOWS',
    'The pod is for Windows nodes, and the injected container is a Linux one: take the annotations off, or run it on Linux.',
  );
}
