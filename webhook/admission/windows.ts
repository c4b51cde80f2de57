/** Finds pods for Windows nodes, on which the injected container can not run. */
import type { NodeSelectorRequirement, Pod } from '../pod/pod.ts';

/**
 * The labels of a node that name its operating system, the older name too.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-os
 */
const OS_LABELS = ['kubernetes.io/os', 'beta.kubernetes.io/os'];

/** Only Windows nodes have this label. https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build */
const BUILD_LABEL = 'node.kubernetes.io/windows-build';

/**
 * Returns whether the pod can run on Windows nodes only: by its `spec.os`, by its node selector, or because each term of
 * its required node affinity rules Linux out.
 */
export function isWindows({ spec }: Pod): boolean {
  const { os, nodeSelector, affinity } = spec;
  if (os?.name === 'windows' || nodeSelector?.[BUILD_LABEL] != null) return true;
  if (OS_LABELS.some((label) => nodeSelector?.[label] === 'windows')) return true;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.length > 0 && terms.every(({ matchExpressions }) => matchExpressions?.some(isWithoutLinux) ?? false);
}

/** Returns whether no Linux node fulfils the requirement. A node runs either Linux or Windows. */
function isWithoutLinux({ key, operator, values }: NodeSelectorRequirement): boolean {
  if (key === BUILD_LABEL) return operator === 'In' || operator === 'Exists';
  if (!OS_LABELS.includes(key)) return false;
  const namesLinux = values?.includes('linux') ?? false;
  return operator === 'In' ? !namesLinux : operator === 'NotIn' && namesLinux;
}
