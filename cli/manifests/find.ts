/** Finds Kubernetes objects and pod templates in the documents of files, as the webhook finds them in what it is sent. */
import * as workload from '../../webhook/workload/find.ts';
import { type Input, UsageError } from '../shell.ts';
import { type Manifest, parseManifests } from './parse.ts';

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

/** Returns everything that an input holds. Throws a `UsageError` for the first place that is not YAML. */
export function findInInput({ name, read }: Input): Found {
  const { manifests, problems } = parseManifests(name, read());
  const [problem] = problems;
  if (problem) throw new UsageError(`${name}:${problem.line}: This is not YAML: ${problem.message}`);
  return findIn(manifests);
}

type Named = Pick<KubernetesObject, 'kind' | 'name'> & Partial<Pick<KubernetesObject, 'namespace'>>;

/** Returns the kind, namespace and name of an object, like `Deployment shop/web`. A ClusterSecretStore has no namespace. */
export function describeObject({ kind, name, namespace }: Named, fallback: string): string {
  return kind === 'ClusterSecretStore' ? `${kind} ${name}` : `${kind} ${namespace ?? fallback}/${name}`;
}
