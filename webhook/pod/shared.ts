/** Keeps the JSON of objects that the webhook puts into many pods, so that it is not made again for each patch. */

/** The JSON of each shared object, empty until somebody asks for it. */
const texts = new WeakMap<object, string>();

/** Freezes an object that many pods get, and remembers that it is shared. Returns the object itself. */
export function share<T extends object>(value: T): T {
  freeze(value);
  texts.set(value, '');
  return value;
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}

/** Returns the JSON of a shared object, or undefined if the value is none. */
export function sharedText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const kept = texts.get(value);
  if (kept !== '') return kept;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}
