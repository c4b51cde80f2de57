/** Finds two outputs for one file, and a file above another one, among files whose names are only known when the values are. */
import { join } from 'node:path';
import type { InjectorConfig } from '../contract/config.ts';
import { filesAbove, type Target } from '../contract/paths.ts';
import type { Failure } from '../errors.ts';
import { declaredFiles } from '../plan/outputs.ts';
import type { Claim } from './output.ts';

/** Returns a failure for each file of a key that collides with another one or with a declared file. */
export function collisions(config: InjectorConfig, keyed: readonly Claim[]): Failure[] {
  if (keyed.length === 0) return [];
  const owners = new Map<string, Claim>(declaredFiles(config).map((declared) => [wholePath(declared), declared]));
  const failures: Failure[] = [];
  for (const each of keyed) {
    const owner = owners.get(wholePath(each));
    if (owner !== undefined) failures.push(failure(each, `It comes from ${owner.from} and from ${each.from}.`));
    owners.set(wholePath(each), each);
  }
  const fromKeys = new Set(keyed);
  // One directory may be inside another one, so that whole paths are compared.
  const targets = [...owners].map(([path, claim]) => ({ directory: '', path, claim }));
  for (const [{ claim: below }, { claim: above }] of filesAbove(targets)) {
    // The plan refuses a declared file above another declared one.
    if (!fromKeys.has(above) && !fromKeys.has(below)) continue;
    const cause = `It comes from ${above.from}, and is a folder for ${below.path} from ${below.from}.`;
    failures.push(failure(above, cause));
  }
  return failures;
}

function wholePath({ directory, path }: Target): string {
  return join(directory, path);
}

function failure({ path }: Claim, cause: string): Failure {
  return { code: 'ASI_OUT_FILE_COLLISION', subject: path, headline: `${path} can not be written.`, cause };
}
