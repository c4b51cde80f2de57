/** Finds Kubernetes objects and pod templates in the documents of files, as the webhook finds them in what it is sent. */
import * as workload from '../../webhook/workload/find.ts';
import type { Manifest } from './parse.ts';

/** One Kubernetes object, with the document that it is in. */
export type KubernetesObject = workload.KubernetesObject<Manifest>;

/** A pod, or what a controller makes pods from. */
export type Template = workload.Template<Manifest>;

/** A part of an object that has metadata. */
export type Described = workload.Described<Manifest>;

export type Found = workload.Found<Manifest>;

/** Returns everything that the documents hold. */
export function findIn(manifests: readonly Manifest[]): Found {
  const found: Found = { objects: [], templates: [], described: [] };
  for (const manifest of manifests) workload.findInValue(manifest.value, manifest, found);
  return found;
}

/** Returns the kind, the namespace and the name of an object, like `Deployment shop/web`. */
export function describeObject({ kind, name, namespace }: KubernetesObject, fallback: string): string {
  return `${kind} ${namespace ?? fallback}/${name}`;
}
