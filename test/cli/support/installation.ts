/** An installation of the chart in an in-memory cluster, with certificates, and an API server that asks the webhook about pods. */
import type { Test } from 'tap';
import { issueAuthority, issueLeaf, serviceNames } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { render } from '../../chart/support/render.ts';
import type { ApiServer, Stored } from '../../kubernetes/api-server.ts';
import { type Answer, status } from '../../kubernetes/requests.ts';
import { answerTo, facts, type Json, patched, settings } from '../../webhook/support/admission.ts';
import { type Document, startCluster } from './cluster.ts';

const NAMESPACE = 'aws-secrets-injector';

/** The moment at which the certificates are issued. */
export const NOW = new Date('2026-06-01T12:00:00Z');

const rendering = await render({}, ['--namespace', NAMESPACE]);
const authority = await issueAuthority(NOW, POLICY);
const leaf = await issueLeaf(NOW, authority, serviceNames(NAMESPACE, NAMESPACE), POLICY);

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The objects of an installation in which everything works. */
const INSTALLATION: readonly Document[] = [
  {
    ...rendering.MutatingWebhookConfiguration,
    kind: 'MutatingWebhookConfiguration',
    webhooks: withBundle(authority.cert),
  },
  {
    ...rendering.Deployment,
    kind: 'Deployment',
    metadata: { ...rendering.Deployment.metadata, generation: 1 },
    status: { observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 2 },
  },
  {
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 'aws-secrets-injector-tls', namespace: NAMESPACE },
    data: { 'tls.crt': base64(leaf.cert), 'tls.key': base64(leaf.key) },
  },
  { kind: 'ValidatingAdmissionPolicy', metadata: { name: NAMESPACE } },
  { kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: NAMESPACE } },
  { kind: 'MutatingWebhookConfiguration', metadata: { name: 'pod-identity-webhook' }, webhooks: [] },
] as Document[];

/** The webhooks of the configuration with a caBundle, and what else a test wants. */
export function withBundle(bundle: string, more: Json = {}): Json[] {
  const webhooks = rendering.MutatingWebhookConfiguration.webhooks ?? [];
  return webhooks.map((webhook) => ({
    ...webhook,
    ...more,
    clientConfig: { ...webhook.clientConfig, caBundle: base64(bundle) },
  }));
}

export type Surroundings = {
  /** Is called in the webhook's place; it gives the words in which the API server refuses a pod, or undefined. */
  readonly refuse?: () => string | undefined;
  /** True if the API server does not ask the webhook. */
  readonly isBypassed?: true;
  /** Returns whether somebody has a right. */
  readonly allows?: (right: { readonly resource: string; readonly verb: string }, user: string | undefined) => boolean;
};

/** Returns surroundings in which the API server can not call the webhook, for a reason in its own words. */
export function unreachable(why: string) {
  return {
    refuse: () =>
      `Internal error occurred: failed calling webhook "pods.aws-secrets-injector.dev": failed to call webhook: ${why}`,
  };
}

/** Starts a cluster with the installation, changed by `documents`. */
export async function startInstallation(
  t: Test,
  documents: readonly Document[] = [],
  surroundings: Surroundings = {},
): Promise<ApiServer> {
  const server = await startCluster(t, [...INSTALLATION, ...documents]);
  server.state.admit = (collection, body) => admit(collection, body, surroundings);
  return server;
}

async function admit(collection: string, body: Stored, surroundings: Surroundings): Promise<Answer | undefined> {
  const { refuse, isBypassed, allows = () => true } = surroundings;
  if (collection.endsWith('accessreviews')) {
    const { resourceAttributes, user } = body['spec'] as { resourceAttributes: never; user?: string };
    return { status: 201, body: { ...body, status: { allowed: allows(resourceAttributes, user) } } };
  }
  if (!collection.endsWith('/pods')) return undefined;
  const words = refuse?.();
  if (words !== undefined) return status(403, words);
  const created = { ...body, metadata: { ...body.metadata, name: 'check', creationTimestamp: NOW.toISOString() } };
  if (isBypassed) return { status: 201, body: created };
  const { review } = await answerTo(created, {}, settings, facts);
  const { allowed, status: refusal } = review.response;
  if (!allowed) {
    return status(403, `admission webhook "pods.aws-secrets-injector.dev" denied the request: ${refusal?.message}`);
  }
  return { status: 201, body: patched(created, review) as object };
}
