/** Says which objects the files hold in several versions, as a base of Kustomize with its overlays does. */
import { isDeepStrictEqual } from 'node:util';
import { isMembers } from '../../injector/contract/members.ts';
import { DIFFERS, type World } from '../admission/world.ts';
import { describeObject, type KubernetesObject, type Template } from '../manifests/find.ts';

/** Returns why nothing is known of an object, and what to do, as the end of a sentence about it. */
export function whyMissing(object: string, { ambiguous }: World): string {
  return ambiguous.has(object)
    ? `${DIFFERS}: name the file of only one`
    : 'is not in the files: name its file by --with';
}

/** Returns why an object with pods can not be changed alone, as a sentence; undefined if it can. */
export type Apart = (object: KubernetesObject) => string | undefined;

/** Returns a function that looks for another version of an object among all that have pods. */
export function findVersions(templates: readonly Template[], { namespace }: World): Apart {
  const owners = [...new Set(templates.map(({ owner }) => owner))].filter(hasName);
  const byName = Map.groupBy(owners, (owner) => describeObject(owner, namespace));
  return (object) => {
    const same = hasName(object) ? byName.get(describeObject(object, namespace)) : undefined;
    const other = same?.find(({ value }) => !isDeepStrictEqual(value, object.value));
    return (
      other &&
      `${other.manifest.file} has it in another version, and annotations of one would replace those of the other: name only one of the files, and compare what Kustomize builds before and after.`
    );
  };
}

/** Objects whose names the API server makes are never the same one. */
function hasName({ value: { metadata } }: KubernetesObject): boolean {
  return isMembers(metadata) && typeof metadata['name'] === 'string';
}
