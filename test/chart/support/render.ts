/** Renders the chart's objects, as parsed YAML, by kind. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1Deployment,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1NetworkPolicy,
  V1ObjectMeta,
  V1Pod,
  V1PodDisruptionBudget,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
  V1ValidatingWebhookConfiguration,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { helmTemplate } from './helm.ts';

/** Has the objects that the chart may have, one of each kind at most. */
export type Rendering = {
  readonly [kind: string]: unknown;
  readonly ClusterRole: V1ClusterRole;
  readonly ClusterRoleBinding: V1ClusterRoleBinding;
  readonly ConfigMap?: V1ConfigMap;
  readonly Deployment: V1Deployment;
  readonly MutatingWebhookConfiguration: V1MutatingWebhookConfiguration;
  readonly Namespace?: V1Namespace;
  readonly NetworkPolicy?: V1NetworkPolicy;
  readonly Pod?: V1Pod;
  readonly PodDisruptionBudget?: V1PodDisruptionBudget;
  readonly Role?: V1Role;
  readonly RoleBinding?: V1RoleBinding;
  readonly Secret?: V1Secret;
  readonly Service: V1Service;
  readonly ServiceAccount: V1ServiceAccount;
  readonly ValidatingAdmissionPolicy?: V1ValidatingAdmissionPolicy;
  readonly ValidatingAdmissionPolicyBinding?: V1ValidatingAdmissionPolicyBinding;
  readonly ValidatingWebhookConfiguration?: V1ValidatingWebhookConfiguration;
};

/** The chart with these values, which are written as YAML would be. */
export async function render(values: object = {}, options: readonly string[] = []): Promise<Rendering> {
  return byKind(await renderText(values, options));
}

/** Returns what Helm prints for these values. */
export async function renderText(values: object = {}, options: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'chart-'));
  try {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    return await helmTemplate(['--values', file, ...options]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: V1ObjectMeta;
  readonly spec?: unknown;
};

/** Returns the objects of a manifest, in its order. Throws if the YAML has a mistake. */
export function objectsOf(manifest: string): KubernetesObject[] {
  const objects: (KubernetesObject | null)[] = parseAllDocuments(manifest).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS();
  });
  return objects.filter((object) => object !== null);
}

/** Returns the objects of a manifest, by kind. Throws if a kind comes twice. */
export function byKind(manifest: string): Rendering {
  const objects: Record<string, unknown> = {};
  for (const object of objectsOf(manifest)) {
    if (objects[object.kind]) throw new Error(`two objects of kind ${object.kind}`);
    objects[object.kind] = object;
  }
  return objects as Rendering;
}

/** Returns the webhook's container. */
export function container({ Deployment }: Pick<Rendering, 'Deployment'>) {
  const first = Deployment.spec?.template.spec?.containers[0];
  if (!first) throw new Error('the Deployment has no container');
  return first;
}

/** Returns the text of the webhook's settings, as Kubernetes hands it over. */
export function settingsText(rendering: Pick<Rendering, 'Deployment'>): string {
  const variable = container(rendering).env?.find(({ name }) => name === 'AWS_SECRETS_INJECTOR_SETTINGS');
  if (variable?.value === undefined) throw new Error('the container has no settings');
  return variable.value;
}
