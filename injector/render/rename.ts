/** Gives keys other names, as External Secrets does before they are keys of a Secret. */
import { type Conversion, MERGE, type Rename, type RenameStep } from '../contract/rename.ts';
import { oneLine } from '../contract/text.ts';
import { patternOf } from '../plan/patterns.ts';

/** The most bytes of a key of a Secret. https://kubernetes.io/docs/concepts/configuration/secret */
const LONGEST_KEY = 253;

const KEY_SHOWN = 80;

/** The entries with their new names; or why there are none, with the cause as a whole sentence. */
export type Renamed<Value> =
  | { readonly ok: true; readonly entries: ReadonlyMap<string, Value> }
  | { readonly ok: false; readonly code: RenameCode; readonly cause: string };

export type RenameCode =
  | 'ASI_OUT_EXPANSION'
  | 'ASI_OUT_JSON_NULL'
  | 'ASI_OUT_KEY_COLLISION'
  | 'ASI_OUT_KEY_NAME'
  | 'ASI_OUT_TOO_MANY';

/** Returns the entries that stand in place of all others after the step Merge. */
type Merge<Value> = (entries: ReadonlyMap<string, Value>) => Renamed<Value>;

/**
 * Returns the entries with the names that the steps give to the keys, one step after the other. A key whose new name is empty is
 * left out. Two keys with one name are a problem, and a name that no key of a Secret can have is one, too. `merge` does the step Merge,
 * which only searches have.
 */
export function renameKeys<Value>(
  entries: ReadonlyMap<string, Value>,
  steps: Rename | undefined,
  merge: Merge<Value> = (same) => ({ ok: true, entries: same }),
): Renamed<Value> {
  if (steps === undefined) return { ok: true, entries };
  let renamed = entries;
  for (const step of steps) {
    const next = step === MERGE ? merge(renamed) : renameAll(renamed, step);
    if (!next.ok) return next;
    renamed = next.entries;
  }
  const kept = new Map([...renamed].filter(([name]) => name !== ''));
  for (const name of kept.keys()) {
    if (Buffer.byteLength(name) > LONGEST_KEY) return wrong(`${shown(name)} has more than ${LONGEST_KEY} bytes.`);
    if (/[^\p{L}\p{N}._-]/u.test(name))
      return wrong(`${shown(name)} has a character that is no letter, digit, "-", "." or "_".`);
  }
  return { ok: true, entries: kept };
}

type NameStep = Exclude<RenameStep, typeof MERGE>;

function renameAll<Value>(entries: ReadonlyMap<string, Value>, step: NameStep): Renamed<Value> {
  const renamed = new Map<string, Value>();
  for (const [key, value] of entries) {
    const name = apply(step, key);
    if (name === undefined) return wrong(`The name that ${shown(key)} gets is too long.`);
    if (renamed.has(name)) {
      const cause = `Several keys get the name ${shown(name)}, one of which is ${shown(key)}.`;
      return { ok: false, code: 'ASI_OUT_KEY_COLLISION', cause };
    }
    renamed.set(name, value);
  }
  return { ok: true, entries: renamed };
}

function wrong(cause: string): Renamed<never> {
  return { ok: false, code: 'ASI_OUT_KEY_NAME', cause };
}

function apply(step: NameStep, key: string): string | undefined {
  return typeof step === 'string' ? convert(key, step) : patternOf(step.source).replaceAll(key, step.target);
}

/** https://external-secrets.io/latest/api/spec/#external-secrets.io/v1.ExternalSecretConversionStrategy */
function convert(key: string, conversion: Conversion): string {
  return key.replace(/[^\p{L}\p{N}._-]/gu, (character) =>
    conversion === 'Default' ? '_' : `_U${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}_`,
  );
}

/** Returns the key as a message shows it. */
export function shown(key: string): string {
  return JSON.stringify(oneLine(key, KEY_SHOWN));
}
