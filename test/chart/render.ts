/** The chart's objects, as parsed YAML, by kind. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  V1ClusterRole,
  V1Deployment,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1PodDisruptionBudget,
  V1Role,
  V1Service,
  V1ServiceAccount,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { helmTemplate } from './helm.ts';

/** What the chart may hold, one of each kind at most. */
export type Rendering = {
  readonly [kind: string]: unknown;
  readonly ClusterRole: V1ClusterRole;
  readonly Deployment: V1Deployment;
  readonly MutatingWebhookConfiguration: V1MutatingWebhookConfiguration;
  readonly Namespace?: V1Namespace;
  readonly PodDisruptionBudget?: V1PodDisruptionBudget;
  readonly Role: V1Role;
  readonly Service: V1Service;
  readonly ServiceAccount: V1ServiceAccount;
  readonly ValidatingAdmissionPolicy?: V1ValidatingAdmissionPolicy;
  readonly ValidatingAdmissionPolicyBinding?: V1ValidatingAdmissionPolicyBinding;
};

/** The chart with these values, which are written as YAML would be. */
export async function render(values: object = {}, options: readonly string[] = []): Promise<Rendering> {
  const folder = await mkdtemp(join(tmpdir(), 'chart-'));
  try {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    return byKind(await helmTemplate(['--values', file, ...options]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The objects of a manifest, by kind. Throws where the YAML is not clean, or a kind comes twice. */
export function byKind(manifest: string): Rendering {
  const objects: Record<string, unknown> = {};
  for (const document of parseAllDocuments(manifest)) {
    if (document.errors[0]) throw document.errors[0];
    const object = document.toJS() as { kind: string };
    if (objects[object.kind]) throw new Error(`two objects of kind ${object.kind}`);
    objects[object.kind] = object;
  }
  return objects as Rendering;
}

/** The webhook's container. */
export function container({ Deployment }: Rendering) {
  const first = Deployment.spec?.template.spec?.containers[0];
  if (!first) throw new Error('the Deployment has no container');
  return first;
}

/** The text of the webhook's settings, as Kubernetes hands it over. */
export function settingsText(rendering: Rendering): string {
  const variable = container(rendering).env?.find(({ name }) => name === 'AWS_SECRETS_INJECTOR_SETTINGS');
  if (variable?.value === undefined) throw new Error('the container has no settings');
  return variable.value;
}
