/** Lengths of texts that are to be read, in characters. */
import type { ProviderClass } from './provider-class.ts';

/** Characters of an entry of secretObjects besides its names, about as many as it has in YAML. */
const ENTRY_LENGTH = 32;

/** Returns the length of all keys and values together. */
export function textLength(texts: Iterable<readonly [string, string]>): number {
  let total = 0;
  for (const [key, text] of texts) total += key.length + text.length;
  return total;
}

/** Returns the length of each class that exists. */
export function classLengths(classes: ReadonlyMap<string, ProviderClass | undefined>): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const [name, found] of classes) if (found !== undefined) lengths.set(name, classLength(found));
  return lengths;
}

function classLength({ parameters, secretObjects }: ProviderClass): number {
  let total = textLength(Object.entries(parameters));
  for (const { secretName, type, data } of secretObjects) {
    total += secretName.length + type.length + ENTRY_LENGTH;
    for (const { objectName, key } of data) total += objectName.length + key.length + ENTRY_LENGTH;
  }
  return total;
}
