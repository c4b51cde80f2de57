/** Keeps results by the text or by the object that they were made from. All pods of one Deployment declare the same text. */

/** All texts and their results as JSON may have so many characters together. */
const MOST_KEPT = 1024 * 1024;

/** One text and its result may have so many characters, so that a few long ones do not push out all others. */
const LONGEST_KEPT = MOST_KEPT / 4;

/** Each entry counts so many characters besides its text and its result. */
const EACH = 64;

/**
 * Returns a function that gives the kept result of a text, or else calls `make` and keeps its result. It forgets the least recently
 * used texts first. A result must depend on the text alone, and must not be changed. `lengthOf` returns the length of a result as
 * JSON, in characters; undefined if it must not be kept.
 */
export function memoize<Made>(lengthOf: (made: Made) => number | undefined): (text: string, make: () => Made) => Made {
  const kept = new Map<string, { readonly made: Made; readonly length: number }>();
  let total = 0;
  /** The text that was used last, if its result is kept. The pods of a Deployment come one after the other. */
  let newest: { readonly text: string; readonly made: Made } | undefined;

  function keep(text: string, made: Made): void {
    const length = EACH + text.length + (lengthOf(made) ?? LONGEST_KEPT);
    if (length > LONGEST_KEPT) return;
    kept.set(text, { made, length });
    newest = { text, made };
    total += length;
    for (const [oldest, { length: freed }] of kept) {
      if (total <= MOST_KEPT) break;
      kept.delete(oldest);
      total -= freed;
    }
  }

  return (text, make) => {
    if (text === newest?.text) return newest.made;
    const known = kept.get(text);
    if (known === undefined) {
      const made = make();
      keep(text, made);
      return made;
    }
    kept.delete(text);
    kept.set(text, known);
    newest = { text, made: known.made };
    return known.made;
  };
}

/**
 * Returns a function that makes its result of each object once, and keeps it for as long as the object itself is kept. The object
 * and the result must not be changed, and the result must depend on nothing else. The limit of what `memoize` keeps is a limit of what is
 * made of its results, too: as many declarations as are kept take about 25 MiB with all of it, or 60 MiB with the longest CA bundle that is kept.
 */
export function memoizeByObject<From extends object, Made>(make: (from: From) => Made): (from: From) => Made {
  const kept = new WeakMap<From, { readonly made: Made }>();
  return (from) => {
    const known = kept.get(from);
    if (known) return known.made;
    const made = make(from);
    kept.set(from, { made });
    return made;
  };
}

/**
 * Returns a function that makes its result of an object and another value, like {@link memoizeByObject}. It keeps the result of the last
 * other value for each object.
 */
export function memoizeLast<From extends object, Other, Made>(
  make: (from: From, other: Other) => Made,
): (from: From, other: Other) => Made {
  const kept = new WeakMap<From, { readonly other: Other; readonly made: Made }>();
  return (from, other) => {
    const known = kept.get(from);
    if (known?.other === other) return known.made;
    const made = make(from, other);
    kept.set(from, { other, made });
    return made;
  };
}
