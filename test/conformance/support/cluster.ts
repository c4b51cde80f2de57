/** Has the Kubernetes Secrets of a case: those that are there before, and those that the injected container makes. */
import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';
import * as v from 'valibot';
import { texts } from '../../../injector/contract/texts.ts';
import { addCluster } from '../../injector/support/cluster.ts';

/** Is an owner of pods and of Secrets. Two of one name have different uids, if one was made anew. */
export const Owner = v.strictObject({ kind: v.string(), name: v.string(), uid: v.string() });

/** Is a Kubernetes Secret. In a result, only the members that are written are compared. */
export const KubernetesSecret = v.strictObject({
  type: v.optional(v.string()),
  /** The texts by their keys. */
  data: v.optional(texts),
  labels: v.optional(texts),
  annotations: v.optional(texts),
  owners: v.optional(v.array(Owner)),
  immutable: v.optional(v.literal(true)),
});

export type KubernetesSecrets = Readonly<Record<string, v.InferOutput<typeof KubernetesSecret>>>;

/** Is what somebody else does in the cluster before the injected container starts, or looks again. */
export const ClusterState = v.strictObject({
  secrets: v.optional(v.record(v.string(), KubernetesSecret)),
  removed: v.optional(v.array(v.string())),
  /** The verbs on Secrets that the ServiceAccount may use. If they are absent, it has all that it needs. */
  rights: v.optional(v.array(v.string())),
});

export type ClusterState = v.InferOutput<typeof ClusterState>;

type Server = Awaited<ReturnType<typeof addCluster>>;

/** The cluster of a case. */
export type CaseCluster = Pick<Server, 'cluster'> & {
  change(state: ClusterState | undefined): void;
  /** Compares all Secrets that are there with those that are expected. */
  compare(t: Test, expected: KubernetesSecrets): void;
};

/** Starts the API server for a pod whose files are below the root. */
export async function startCaseCluster(t: Test, root: string): Promise<CaseCluster> {
  const server = await addCluster(t, root);
  return {
    cluster: server.cluster,
    change: ({ secrets = {}, removed = [], rights } = {}) => {
      for (const [name, secret] of Object.entries(secrets)) server.put(storedOf(name, secret));
      for (const name of removed) server.remove(name);
      if (rights) server.state.rights = { '*': rights };
    },
    compare: (t, expected) => {
      const present = new Map(server.stored().map(({ metadata: { name } }) => [name, seenOf(server.get(name))]));
      t.strictSame([...present.keys()].sort(), Object.keys(expected).sort(), 'the Kubernetes Secrets');
      for (const [name, secret] of Object.entries(expected)) {
        for (const [member, value] of Object.entries(secret)) {
          const found = present.get(name)?.[member as keyof typeof secret];
          t.ok(isDeepStrictEqual(found, value), `${member} of ${name}: ${JSON.stringify(found)}`);
        }
      }
    },
  };
}

function storedOf(name: string, { type = 'Opaque', data = {}, owners = [], ...secret }: KubernetesSecrets[string]) {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  return {
    metadata: {
      name,
      namespace: 'shop',
      labels: secret.labels ?? {},
      annotations: secret.annotations ?? {},
      ownerReferences: owners.map((owner) => ({ apiVersion: 'v1', ...owner })),
    },
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, encode(text)])),
    ...(secret.immutable && { immutable: true }),
  };
}

function seenOf(secret: ReturnType<Server['get']>): KubernetesSecrets[string] {
  const decode = (text: string) => Buffer.from(text, 'base64').toString();
  const { labels = {}, annotations = {}, ownerReferences = [] } = Object(secret?.metadata);
  return {
    type: secret?.type,
    data: Object.fromEntries(Object.entries(secret?.data ?? {}).map(([key, text]) => [key, decode(text)])),
    labels,
    annotations,
    owners: v.parse(v.array(v.object(Owner.entries)), ownerReferences),
    ...(secret?.['immutable'] === true && { immutable: true }),
  };
}
