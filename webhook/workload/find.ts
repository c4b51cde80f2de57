/**
 * Finds Kubernetes objects and pod templates in plain values, by their shape and at any depth: in workloads that Kubernetes
 * knows, in those of others, such as Argo's Rollout or Knative's Service, and in Lists and ResourceLists.
 */

import { isMembers, type Members } from '../../injector/contract/members.ts';

/** The keys and indexes on the way from the top of a value to a part of it. */
type Path = readonly (string | number)[];

/** One Kubernetes object: whatever has an apiVersion and a kind. `Manifest` is the type of what the caller knows of its source. */
export type KubernetesObject<Manifest = unknown> = {
  readonly manifest: Manifest;
  readonly path: Path;
  readonly apiVersion: string;
  readonly kind: string;
  /** The name, or the beginning of a name that the API server makes; empty if the object has neither. */
  readonly name: string;
  /** The namespace that the object names; undefined if it names none. */
  readonly namespace: string | undefined;
  readonly value: Members;
};

/** A pod, or what a controller makes pods from. */
export type Template<Manifest = unknown> = {
  /** The object that the template is a part of; a pod is its own. */
  readonly owner: KubernetesObject<Manifest>;
  readonly path: Path;
  readonly metadata: Members;
  readonly spec: Members;
};

/** A part of an object that has metadata: the object itself, a pod template, or a template of something else. */
export type Described<Manifest = unknown> = {
  readonly owner: KubernetesObject<Manifest>;
  readonly path: Path;
  /** True if pods get this metadata. */
  readonly isPod: boolean;
  readonly metadata: Members;
};

export type Found<Manifest = unknown> = {
  readonly objects: KubernetesObject<Manifest>[];
  readonly templates: Template<Manifest>[];
  readonly described: Described<Manifest>[];
};

type Course<Manifest> = {
  readonly manifest: Manifest;
  readonly path: Path;
  readonly found: Found<Manifest>;
  /** The nearest object around the value. */
  readonly owner?: KubernetesObject<Manifest>;
};

/** Adds everything that a value holds to what was found before. `manifest` becomes a member of each object. */
export function findInValue<Manifest>(value: unknown, manifest: Manifest, found: Found<Manifest>): void {
  visit(value, { manifest, path: [], found });
}

function visit<Manifest>(value: unknown, course: Course<Manifest>): void {
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

function objectAt<Manifest>(
  value: Members,
  { manifest, path }: Course<Manifest>,
): KubernetesObject<Manifest> | undefined {
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
