/** What rendering has gathered so far. */
import { join } from 'node:path';
import type { ConfigObject } from '../contract/config.ts';
import type { KubeletEntry } from '../environment/kubelet.ts';
import type { Failure } from '../errors.ts';
import type { Secret } from '../secret.ts';

export type OutputFile = {
  /** As in the configuration: absolute, without the root. */
  readonly directory: string;
  /** Relative to the directory. */
  readonly path: string;
  readonly mode: number;
  readonly content: Secret;
};

export type Folder = NonNullable<ConfigObject['folders']>[number];
export type Expansion = NonNullable<ConfigObject['expansions']>[number];

/** A file that is to be, and who wants it, for people. */
export type Claim = { readonly key: string; readonly path: string; readonly from: string };

export type Output = {
  readonly files: OutputFile[];
  /** Of the files whose names come from keys. */
  readonly claims: Claim[];
  /** Variables of expansions; of a name that two bring, the later. */
  readonly expanded: Map<string, Secret>;
  readonly named: Map<string, Secret>;
  /** Variables that steer how programs start and whose names are keys of a secret, with where each comes from. */
  readonly loaders: Map<string, string>;
  readonly kubelet: KubeletEntry[];
  readonly failures: Failure[];
  /** A line each, for the log. */
  readonly warnings: string[];
};

export function emptyOutput(): Output {
  const [expanded, named, loaders] = [new Map(), new Map(), new Map()];
  return { files: [], claims: [], expanded, named, loaders, kubelet: [], failures: [], warnings: [] };
}

export function claim(directory: string, path: string, from: string): Claim {
  return { key: join(directory, path), path, from };
}

/** Setuid, setgid and sticky bits are accepted and dropped, as ASCP does. */
export function parseMode(mode: string): number {
  return Number.parseInt(mode, 8) & 0o777;
}
