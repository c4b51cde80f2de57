/** Describes what is rendered so far. */
import type { ConfigObject } from '../contract/config.ts';
import type { Target } from '../contract/paths.ts';
import type { KubeletEntry } from '../environment/kubelet.ts';
import type { Variable } from '../environment/variable.ts';
import type { Failure } from '../errors.ts';
import type { Secret } from '../secret.ts';

export type OutputFile = {
  /** The absolute directory of the configuration, without the root. */
  readonly directory: string;
  /** The path relative to the directory. */
  readonly path: string;
  readonly mode: number;
  readonly content: Secret;
};

export type Folder = NonNullable<ConfigObject['folders']>[number];
export type Expansion = NonNullable<ConfigObject['expansions']>[number];

/** Describes a file that is to be written. `from` says to people what it comes from. */
export type Claim = Target & { readonly from: string };

export type Output = {
  readonly files: OutputFile[];
  /** The files whose names come from keys. */
  readonly claims: Claim[];
  /** The variables of expansions. If two expansions have one name, the later one counts. */
  readonly expanded: Map<string, Secret>;
  readonly named: Map<string, Secret>;
  /** The variables that steer how programs start and whose names come from keys of a secret, with the key that each comes from. */
  readonly loaders: Map<string, { readonly from: string; readonly key: string }>;
  readonly kubelet: KubeletEntry[];
  /** The variables that only one container gets from its shell, by the container's name. */
  readonly containers: Map<string, Variable[]>;
  readonly failures: Failure[];
  /** A line for the log each. */
  readonly warnings: string[];
};

/** Creates an output that has nothing yet. */
export function emptyOutput(): Output {
  const [expanded, named, loaders, containers] = [new Map(), new Map(), new Map(), new Map()];
  return { files: [], claims: [], expanded, named, loaders, kubelet: [], containers, failures: [], warnings: [] };
}

/** Returns the mode as a number. Setuid, setgid and sticky bits are accepted and left out, as ASCP does. */
export function parseMode(mode: string): number {
  return Number.parseInt(mode, 8) & 0o777;
}
