/** From a manifest with a Deployment to the AdmissionReview of one of its pods, as the ReplicaSet controller and the API server make it. Pure. */
import type { Review } from '../../webhook/admission/review.ts';
import type { ProviderClass } from '../../webhook/declare/provider-class.ts';
import { patched, reviewOf as review } from '../webhook/support/admission.ts';
import type { Pod } from './kubelet.ts';

type Class = { kind: 'SecretProviderClass'; metadata: { name: string }; spec: Partial<ProviderClass> };

export type Manifest = { deployment: Deployment; classes: ReadonlyMap<string, ProviderClass> };

export type Deployment = { metadata: { name: string; namespace: string }; spec: { template: Pod } };

/** The Deployment of a manifest, and the SecretProviderClasses beside it by their names. */
export function readManifest(documents: readonly unknown[]): Manifest {
  const kinds = documents as readonly (Class | (Deployment & { kind: 'Deployment' }))[];
  const deployment = kinds.find((document) => document.kind === 'Deployment');
  if (deployment === undefined) throw new Error('the file has no Deployment');
  const classes = kinds.flatMap((document) => (document.kind === 'SecretProviderClass' ? [document] : []));
  const complete = ({ metadata, spec }: Class): [string, ProviderClass] => [
    metadata.name,
    { parameters: {}, secretObjects: [], ...spec },
  ];
  return { deployment, classes: new Map(classes.map(complete)) };
}

/** The pod has no name yet: the API server makes one of `generateName` after admission. */
export function podOf({ metadata: { name }, spec: { template } }: Deployment): Pod {
  return {
    metadata: { generateName: `${name}-7d4f8b9c6-`, ...template.metadata },
    spec: { restartPolicy: 'Always', ...template.spec },
  } as Pod;
}

export function reviewOf(pod: Pod, namespace: string): unknown {
  return review({ apiVersion: 'v1', kind: 'Pod', ...pod }, { namespace });
}

/** The pod after the answer's patch, with the name that the API server gives it. */
export function admitted(pod: Pod, answer: Review, name: string): Pod {
  const after = patched(pod, answer);
  return { ...after, metadata: { ...after.metadata, name } };
}
