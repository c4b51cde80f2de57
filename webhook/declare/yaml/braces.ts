/** Finds texts in braces without quotes, which YAML reads as maps with one key and no value. */
import { isMapping, isScalar, type Mapping } from './tree.ts';

/** Returns the text in one or two pairs of braces, or before a colon at the end; undefined if the map is anything else. */
export function textInBraces({ pairs }: Mapping): string | undefined {
  const [pair, ...others] = pairs;
  if (pair === undefined || others.length > 0) return undefined;
  const { key, value } = pair;
  if (value !== null && !(isScalar(value) && value.text === '')) return undefined;
  if (isMapping(key)) return textInBraces(key);
  return isScalar(key) && key.style === 'plain' ? key.text : undefined;
}
