/** Reads what files and options say of the cluster. */
import { findIn, type KubernetesObject } from '../manifests/find.ts';
import { parseManifests } from '../manifests/parse.ts';
import type { Input, Shell } from '../shell.ts';
import { defaultSettings, settingsFrom } from './settings.ts';
import { type World, type WorldOptions, worldOf } from './world.ts';

export type ReadOptions = WorldOptions & {
  /** The files, folders, or `-`. */
  readonly file: readonly string[];
  /** Further files with such objects of the cluster. */
  readonly with?: readonly string[];
  /** A file with values of the chart. */
  readonly values?: string;
};

/** Matches texts that may hold an object which a decision about a pod depends on. */
const RELEVANT = /\bServiceAccount\b|\bSecretProviderClass\b|\bexternal-secrets\.io\//;

/** Returns what is known of the cluster. Of the files, only ServiceAccounts, SecretProviderClasses and objects of External Secrets stay in memory. */
export function readWorld(inputs: readonly Input[], options: ReadOptions, shell: Shell): World {
  const [values] = options.values === undefined ? [] : shell.inputs([options.values]);
  const settings = values === undefined ? defaultSettings() : settingsFrom(values.read(), values.name);
  return worldOf(relevantIn([...shell.inputs(options.with ?? []), ...inputs]), settings, options);
}

function* relevantIn(inputs: readonly Input[]): Generator<KubernetesObject> {
  for (const { name, read } of inputs) {
    const text = read();
    if (RELEVANT.test(text)) yield* findIn(parseManifests(name, text).manifests).objects;
  }
}
