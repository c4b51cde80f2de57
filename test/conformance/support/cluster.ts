/** Has the Kubernetes Secrets of a case: those that are there before, and those that the injected container makes. */
import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';
import { z } from 'zod';
import { addCluster } from '../../injector/support/cluster.ts';

const texts = z.record(z.string(), z.string());

/** Is an owner of pods and of Secrets. Two of one name have different uids, if one was made anew. */
export const Owner = z.strictObject({ kind: z.string(), name: z.string(), uid: z.string() });

/** Is a Kubernetes Secret. In a result, only the members that are written are compared. */
export const KubernetesSecret = z.strictObject({
  type: z.string().optional(),
  data: texts.optional().describe('text by key'),
  labels: texts.optional(),
  annotations: texts.optional(),
  owners: z.array(Owner).optional(),
  immutable: z.literal(true).optional(),
});

export type KubernetesSecrets = Readonly<Record<string, z.infer<typeof KubernetesSecret>>>;

/** Is what somebody else does in the cluster before the injected container starts, or looks again. */
export const ClusterState = z.strictObject({
  secrets: z.record(z.string(), KubernetesSecret).optional(),
  removed: z.array(z.string()).optional(),
  rights: z.array(z.string()).optional().describe("the ServiceAccount's verbs on Secrets; absent: all that it needs"),
});

export type ClusterState = z.infer<typeof ClusterState>;

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
    owners: z.array(z.object(Owner.shape)).parse(ownerReferences),
    ...(secret?.['immutable'] === true && { immutable: true }),
  };
}
