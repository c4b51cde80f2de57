/** Finds the known name that a misspelt one most likely stands for. */

/** No known name is near a text of more characters. */
const LONGEST = 64;

/** Returns the name that is nearest to the text, or undefined if none is near. Case, `-` and `_` do not count. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (text.length > LONGEST) return undefined;
  const word = fold(text);
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = names.map((name) => ({ name, distance: distance(word, fold(name)) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= Math.min(limit, 4) ? best.name : undefined;
}

/**
 * Returns whether at most `most` characters of the text differ from the name, which is in small letters without `-` and `_`. Case, `-`
 * and `_` of the text do not count.
 */
export function isNear(text: string, name: string, most: number): boolean {
  // Most texts are much shorter or longer, and need no comparison.
  if (text.length > LONGEST || text.length < name.length - most) return false;
  const word = fold(text);
  return word.length <= name.length + most && distance(word, name) <= most;
}

function fold(text: string): string {
  return text.toLowerCase().replace(/[-_]/g, '');
}

/** Returns the Levenshtein distance: how many characters must be inserted, removed or replaced. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
