/** Finds two outputs for one file, and a file above another one, among files whose names are only known when the values are. */
import type { InjectorConfig } from '../contract/config.ts';
import { foldersOf } from '../contract/paths.ts';
import type { Failure } from '../errors.ts';
import { declaredFiles } from '../plan/outputs.ts';
import { type Claim, claim } from './output.ts';

/** Returns a failure for each file of a key that collides with another one or with a declared file. */
export function collisions(config: InjectorConfig, keyed: readonly Claim[]): Failure[] {
  if (keyed.length === 0) return [];
  const owners = new Map(declaredClaims(config).map((declared) => [declared.key, declared]));
  const failures: Failure[] = [];
  for (const each of keyed) {
    const owner = owners.get(each.key);
    if (owner !== undefined) failures.push(failure(each, `It comes from ${owner.from} and from ${each.from}.`));
    owners.set(each.key, each);
  }
  const keys = new Set(keyed.map(({ key }) => key));
  for (const each of owners.values()) {
    const parents = foldersOf(each.key.slice(1)).map((folder) => owners.get(`/${folder}`));
    const parent = parents.find((folder) => folder !== undefined && (keys.has(folder.key) || keys.has(each.key)));
    if (parent !== undefined) {
      failures.push(
        failure(parent, `It comes from ${parent.from}, and is a folder for ${each.path} from ${each.from}.`),
      );
    }
  }
  return failures;
}

function declaredClaims(config: InjectorConfig): Claim[] {
  return declaredFiles(config).map(({ directory, path, from }) => claim(directory, path, from));
}

function failure({ path }: Claim, cause: string): Failure {
  return { code: 'ASI_OUT_FILE_COLLISION', subject: path, headline: `${path} can not be written.`, cause };
}
