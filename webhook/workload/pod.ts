/** Makes the pod of a template. */

import { isMembers } from '../../injector/contract/members.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Template } from './find.ts';

/**
 * Returns the pod that the controller of the template would create; it need not have the shape of a pod. A Job owns its pods,
 * which decides how long their injected containers try. Annotations of others that are no texts become texts, because only the
 * API server refuses those.
 */
export function podOf({ owner, metadata, spec }: Template): unknown {
  const { annotations } = metadata;
  const isJob = owner.apiVersion.startsWith('batch/');
  return {
    metadata: {
      ...metadata,
      ...(isMembers(annotations) && { annotations: textsOf(annotations) }),
      ...(isJob && { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job' }] }),
    },
    spec,
  };
}

function textsOf(annotations: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key, key.startsWith(PREFIX) ? value : String(value)]),
  );
}
