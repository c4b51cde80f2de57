/** What was made of a text is kept for the next pod that says the same: those of one Deployment do. */

/** Of all kept texts together; what is made of a text takes some hundred times its length. */
const KEPT = 64 * 1024;

/** No longer text is kept. */
const LONGEST = 8 * 1024;

/** What even an empty text counts for. */
const EACH = 64;

/**
 * A memory: what is made must depend on nothing but the text, and nobody may change it. The least recently used goes first.
 */
export function recent<Made>(): (text: string, make: () => Made) => Made {
  const kept = new Map<string, { readonly made: Made }>();
  let size = 0;
  return (text, make) => {
    const { made } = kept.get(text) ?? { made: make() };
    if (text.length > LONGEST) return made;
    if (!kept.delete(text)) size += text.length + EACH;
    kept.set(text, { made });
    for (const [oldest] of kept) {
      if (size <= KEPT) break;
      kept.delete(oldest);
      size -= oldest.length + EACH;
    }
    return made;
  };
}
