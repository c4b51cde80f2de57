/** Keeps what was made of a text, for the next pod that declares the same: all pods of one Deployment do. */

/** Characters of all that is kept together: of the texts, and of what was made of them as JSON. */
const MOST_KEPT = 1024 * 1024;

/** Characters of one text and of what was made of it: a few long ones do not push out all others. */
const LONGEST_KEPT = MOST_KEPT / 4;

/** Characters that each entry counts besides its text. */
const EACH = 64;

/**
 * Starts a memory that forgets the least recently used texts first. What is made of a text must depend on nothing else, and nobody
 * may change it. `lengthOf` returns how many characters it has as JSON, or undefined where it is not to be kept.
 */
export function memoize<Made>(lengthOf: (made: Made) => number | undefined): (text: string, make: () => Made) => Made {
  const kept = new Map<string, { readonly made: Made; readonly length: number }>();
  let total = 0;

  function keep(text: string, made: Made): void {
    const length = EACH + text.length + (lengthOf(made) ?? LONGEST_KEPT);
    if (length > LONGEST_KEPT) return;
    kept.set(text, { made, length });
    total += length;
    for (const [oldest, { length: freed }] of kept) {
      if (total <= MOST_KEPT) break;
      kept.delete(oldest);
      total -= freed;
    }
  }

  return (text, make) => {
    const known = kept.get(text);
    if (known === undefined) {
      const made = make();
      keep(text, made);
      return made;
    }
    kept.delete(text);
    kept.set(text, known);
    return known.made;
  };
}
