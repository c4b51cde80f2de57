/** Reads what decisions about pods depend on from a node of the cluster. */
import { deliversEnvFiles, parseVersion } from './kubernetes-version.ts';

const REGION = 'topology.kubernetes.io/region';

/** The parts of a node that are read. */
export type NodeObject = {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly nodeInfo?: { readonly operatingSystem?: string; readonly kubeletVersion?: string } };
};

export type NodeFacts = {
  readonly name: string;
  /** The AWS region of the node; absent if it has no label that says it. */
  readonly region?: string;
  readonly linux: boolean;
  /** True if the kubelet can deliver variables from files. */
  readonly delivers: boolean;
};

/** Returns what a node says about itself. */
export function readNode({ metadata, status }: NodeObject): NodeFacts {
  const region = metadata?.labels?.[REGION];
  return {
    name: metadata?.name ?? '',
    ...(region && { region }),
    linux: status?.nodeInfo?.operatingSystem !== 'windows',
    delivers: deliversEnvFiles(parseVersion(status?.nodeInfo?.kubeletVersion)),
  };
}

/** Returns whether at least one Linux node is known, and none of them has a kubelet that is too old for variables from files. */
export function everyNodeDelivers(nodes: Iterable<Pick<NodeFacts, 'linux' | 'delivers'>>): boolean {
  let isKnown = false;
  for (const { linux, delivers } of nodes) {
    if (linux && !delivers) return false;
    isKnown ||= linux;
  }
  return isKnown;
}
