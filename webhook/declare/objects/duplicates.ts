/** Applies ASCP's rules for names and aliases that occur twice in `objects`. They compare raw texts, across both services. */

import { echo } from '../echo.ts';
import type { Descriptor } from './descriptor-yaml.ts';

const FIX = 'give each object an objectAlias of its own';

/** Returns a check to call for each descriptor in order. It remembers names, and returns a problem with the fix, or undefined. */
export function duplicates(): (descriptor: Descriptor) => string | undefined {
  const names = new Map<string, Descriptor>();
  const aliases = new Set<string>();
  return (descriptor) => {
    const { objectName, objectAlias, jmesPath } = descriptor;
    const same = names.get(objectName);
    const twice = same && compare(same, descriptor);
    if (twice !== undefined) return `${twice}; ${FIX}`;
    if (aliases.has(objectAlias)) return `found duplicate object alias ${echo(objectAlias)}; ${FIX}`;
    names.set(objectName, descriptor);
    if (objectAlias !== '') aliases.add(objectAlias);
    for (const part of jmesPath) {
      const alias = echo(part.objectAlias);
      if (aliases.has(part.objectAlias)) {
        return `Name already in use for objectAlias: found duplicate object alias ${alias} in JMES path entry ${echo(part.path)}; ${FIX}`;
      }
      aliases.add(part.objectAlias);
    }
    return undefined;
  };
}

function compare(one: Descriptor, two: Descriptor): string | undefined {
  if (one.objectAlias !== two.objectAlias || one.objectVersionLabel !== two.objectVersionLabel) return undefined;
  const alias = two.objectAlias === '' ? 'no object alias' : `duplicate object alias ${echo(two.objectAlias)}`;
  const label =
    two.objectVersionLabel === '' ? 'no version label' : `duplicate version label ${echo(two.objectVersionLabel)}`;
  return `found descriptor with duplicate object name ${echo(two.objectName)}, ${alias}, and ${label}`;
}
