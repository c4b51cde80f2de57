/**
 * Finds Kubernetes objects and pod templates in documents, by their shape and at any depth: in Lists and ResourceLists, in
 * workloads that Kubernetes knows, and in those of others, such as Argo's Rollout or Knative's Service.
 */
import type { Manifest, Path } from './parse.ts';

type Members = Readonly<Record<string, unknown>>;

/** One Kubernetes object: whatever has an apiVersion and a kind. */
export type KubernetesObject = {
  readonly manifest: Manifest;
  readonly path: Path;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** The namespace that the file names; undefined if it names none. */
  readonly namespace: string | undefined;
  readonly value: Members;
};

/** A pod, or what a controller makes pods from. */
export type Template = {
  /** The object that the template is a part of; a pod is its own. */
  readonly owner: KubernetesObject;
  readonly path: Path;
  readonly metadata: Members;
  readonly spec: Members;
};

/** A part of an object that has metadata: the object itself, a pod template, or a template of something else. */
export type Described = {
  readonly owner: KubernetesObject;
  readonly path: Path;
  /** True if pods get this metadata. */
  readonly isPod: boolean;
  readonly metadata: Members;
};

export type Found = {
  readonly objects: KubernetesObject[];
  readonly templates: Template[];
  readonly described: Described[];
};

/** Returns everything that the documents hold. */
export function findIn(manifests: readonly Manifest[]): Found {
  const found: Found = { objects: [], templates: [], described: [] };
  for (const manifest of manifests) visit(manifest.value, { manifest, path: [], found });
  return found;
}

type Course = {
  readonly manifest: Manifest;
  readonly path: Path;
  readonly found: Found;
  /** The nearest object around the value. */
  readonly owner?: KubernetesObject;
};

function visit(value: unknown, course: Course): void {
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) visit(element, { ...course, path: [...course.path, index] });
    return;
  }
  if (!isMembers(value)) return;
  const own = objectAt(value, course);
  if (own) course.found.objects.push(own);
  const owner = own ?? course.owner;
  const { metadata, spec } = value;
  const isPod = isMembers(spec) && isListOfContainers(spec['containers']);
  if (owner && isMembers(metadata)) course.found.described.push({ owner, path: course.path, isPod, metadata });
  if (owner && isPod) {
    course.found.templates.push({ owner, path: course.path, metadata: isMembers(metadata) ? metadata : {}, spec });
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    visit(member, { ...course, path: [...course.path, key], ...(owner && { owner }) });
  }
}

function objectAt(value: Members, { manifest, path }: Course): KubernetesObject | undefined {
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const { name, generateName, namespace } = isMembers(metadata) ? metadata : {};
  return {
    manifest,
    path,
    apiVersion,
    kind,
    name: textOf(name) ?? textOf(generateName) ?? '',
    namespace: textOf(namespace),
    value,
  };
}

function isListOfContainers(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isMembers);
}

/** Returns the text, or undefined if the value is none or empty. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns the kind, the namespace and the name of an object, like `Deployment shop/web`. */
export function describeObject({ kind, name, namespace }: KubernetesObject, fallback: string): string {
  return `${kind} ${namespace ?? fallback}/${name}`;
}

/** Returns whether the value is a map. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
