/** Reads from a cluster the facts that decisions about pods depend on. */
import { type Version, type VersionAnswer, versionIn } from '../../webhook/admission/kubernetes-version.ts';
import { type NodeFacts, type NodeObject, readNode } from '../../webhook/admission/node.ts';
import { type Answer, type Cluster, mapAnswer, objectIn } from './cluster.ts';
import type { Metadata } from './objects.ts';

/** Returns what each node says about itself. */
export async function readNodes(cluster: Cluster): Promise<Answer<readonly NodeFacts[]>> {
  const answer = await cluster.list<NodeObject>({ api: 'v1', plural: 'nodes' });
  return mapAnswer(answer, (nodes) => nodes.map(readNode));
}

/** Returns the labels of a namespace. */
export async function readNamespaceLabels(
  cluster: Cluster,
  name: string,
): Promise<Answer<Readonly<Record<string, string>>>> {
  const answer = await cluster.get<{ readonly metadata: Metadata }>({ api: 'v1', plural: 'namespaces' }, name);
  return mapAnswer(answer, ({ metadata }) => metadata.labels ?? {});
}

/** Returns the version that the API server behaves like, or undefined if it has an unknown form. */
export async function readServerVersion(cluster: Cluster): Promise<Version | undefined> {
  const answer = objectIn(await cluster.read<VersionAnswer>('/version'));
  return answer && versionIn(answer);
}
