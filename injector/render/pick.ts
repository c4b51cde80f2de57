/** Takes one key of a JSON object by the name that the key has after its renaming. */
import type { Pick } from '../contract/rename.ts';
import type { Target } from './headlines.ts';
import { listKeys } from './missing.ts';
import { entriesAt, type PartProblem } from './part.ts';
import { type RenameCode, renameKeys } from './rename.ts';

/** The most names that a message lists. */
const NAMES_SHOWN = 20;

type Picked =
  | { readonly ok: true; readonly text: string; readonly isJson: boolean }
  | (Omit<PartProblem, 'code'> & { readonly code: PartProblem['code'] | RenameCode });

/** Returns the text of the key that the pick names; what is no text is JSON in the words of the value. */
export function pickedFrom(value: Uint8Array, { key, rename }: Pick, { object, output }: Target): Picked {
  const found = entriesAt(value, undefined);
  const headline = `${object}: ${output} needs the key ${JSON.stringify(key)}, which is not there.`;
  if (!found.ok) return { ok: false, code: 'ASI_OUT_JSON', headline: `${object}: ${output} needs a JSON object.` };
  const renamed = renameKeys(found.entries, rename);
  if (!renamed.ok) {
    return { ok: false, code: renamed.code, headline: `${object}: rename fits not all keys.`, cause: renamed.cause };
  }
  const node = renamed.entries.get(key);
  if (node === undefined) {
    const names = listKeys([...renamed.entries.keys()], NAMES_SHOWN);
    return { ok: false, code: 'ASI_OUT_JMES_MISSING', headline, cause: `The keys are ${names || 'none'}.` };
  }
  if (node.kind === 'null') {
    const cause = `The value of ${JSON.stringify(key)} is null.`;
    return { ok: false, code: 'ASI_OUT_JSON_NULL', headline: `${object}: ${output} can not have null.`, cause };
  }
  return node.kind === 'string'
    ? { ok: true, text: node.text, isJson: false }
    : { ok: true, text: node.source, isJson: true };
}
