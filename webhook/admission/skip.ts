/**
 * Decides which pods the webhook leaves as they are, from the request alone. Most pods declare nothing and end here.
 */
import { declares, PREFIX } from '../declare/annotations.ts';
import { isOrphaned } from '../reinvocation/orphaned.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type Candidate, withoutInject } from './candidate.ts';

/** The reasons why a pod is left as it is. The answer, the log and the metric share them, and docs/operations.md lists them. */
export const SKIPS = {
  'not-a-creation': 'The webhook only changes pods that are created.',
  'no-containers': 'The pod has no containers, and the API server refuses it.',
  'nothing-declared': 'The pod declares nothing.',
  'switched-off': 'The pod declares something, and says inject: "false".',
  'mirror-pod': 'A node created the pod as the mirror of a static pod, which cannot be changed.',
  'other-provider': "The pod's CSI volumes are of other providers.",
  'taken-over': "The pod's CSI volumes were taken over before, and it needs no change.",
  'exempt-namespace': 'Pods of kube-system and of the injector itself are never touched.',
} as const;

export type SkipReason = keyof typeof SKIPS;

/** Returns the sentence for a reason, or undefined if it is not a `SkipReason`. */
export function describeSkip(reason: string): string | undefined {
  return (SKIPS as Readonly<Record<string, string>>)[reason];
}

/** The label of namespaces that the webhook is not asked about. The selectors of the chart have it too. */
export const EXEMPT = `${PREFIX}exempt`;

/**
 * Returns whether the chart's selectors exempt a namespace from the webhook. The namespace of the webhook itself is
 * exempt, but not if it is `default`, which it would share with apps.
 */
export function isExempt(name: string, labels: Readonly<Record<string, string>>, ownNamespace: string): boolean {
  const isOwn = name === ownNamespace && name !== 'default';
  return isOwn || name === 'kube-system' || labels[EXEMPT] === 'true';
}

type Creation = { readonly namespace: string; readonly user: string };

/** Returns why the pod needs no injection, or undefined if it may need one. Nothing of the cluster is read for that. */
export function skipReason(
  candidate: Candidate,
  { namespace, user }: Creation,
  settings: AdmissionSettings,
): SkipReason | undefined {
  const { pod, annotations, inject, previous } = candidate;
  if (isExempt(namespace, {}, settings.namespace)) return 'exempt-namespace';
  // Anybody may write the annotation; only a node creates mirror pods, under its own name.
  if (annotations['kubernetes.io/config.mirror'] !== undefined && user.startsWith('system:node:')) return 'mirror-pod';
  if (asks(candidate)) return undefined;
  if (inject === false) {
    return asks(withoutInject(candidate, settings.takeOverCsiVolumes)) ? 'switched-off' : 'nothing-declared';
  }
  return previous?.takenOver.length || isOrphaned(pod, false) ? undefined : 'nothing-declared';
}

function asks({ annotations, volumes }: Candidate): boolean {
  return volumes.length > 0 || declares(annotations);
}
