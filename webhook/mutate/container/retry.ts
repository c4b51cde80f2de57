/** How long the init container asks AWS again before it gives up. */
import type { Pod } from '../../pod/pod.ts';

/** The kubelet starts the container again by itself, so that a fault shows soon. */
const RESTARTED_SECONDS = 30;

/** Nobody does, or each new pod counts against the Job's backoffLimit. */
const ONCE_SECONDS = 15 * 60;

export function retryTimeoutSeconds(pod: Pod, declared: number | undefined): number {
  if (declared !== undefined) return declared;
  const { restartPolicy, activeDeadlineSeconds } = pod.spec;
  const ofJob = pod.metadata.ownerReferences?.some(
    ({ apiVersion, kind }) => kind === 'Job' && apiVersion.startsWith('batch/'),
  );
  const wanted = restartPolicy === 'Never' || ofJob ? ONCE_SECONDS : RESTARTED_SECONDS;
  // A fifth of the pod's own deadline is left to say why.
  return activeDeadlineSeconds ? Math.min(wanted, Math.max(1, Math.floor(activeDeadlineSeconds * 0.8))) : wanted;
}
