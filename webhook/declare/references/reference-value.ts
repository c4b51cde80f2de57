/** Reads the values of `files` and `env`: a reference, or a map with a reference in `from` and with options beside it. */
import type { Pick } from '../../../injector/contract/rename.ts';
import type { Budget } from '../budget.ts';
import { readRename } from '../rename.ts';
import { err, ok, type Result } from '../result.ts';
import { LENIENCY, type Leniency, readLeniency, unknownKey } from '../yaml/leniency.ts';
import { type Fields, readFields } from '../yaml/mapping.ts';
import { type ReadValue, readText } from '../yaml/text-map.ts';
import { isMapping, isScalar, type Mapping, type Node, textInBraces } from '../yaml/tree.ts';

export type ReferenceValue = {
  readonly from: string;
  readonly leniency: Leniency;
  /** Four octal digits. It is missing if the map has no mode. */
  readonly mode?: string;
  /** The key of a JSON object, by its name after the steps. */
  readonly pick?: Pick;
};

type More = 'mode' | 'template';

const KNOWN = ['from', 'key', 'rename', ...LENIENCY];

/**
 * Returns a reader of such values. A map may have the keys `from`, `optional`, `default`, `type` and those of `more`. The caller
 * reads maps with a template itself.
 */
export function referenceValue(more: readonly More[], budget: Budget): ReadValue<ReferenceValue> {
  return (node) => {
    if (isMapping(node)) {
      const unquoted = withoutQuotes(node, [...KNOWN, ...more]);
      if (unquoted !== undefined) return ok({ from: unquoted, leniency: {} });
      const fields = readFields(node);
      return fields.ok
        ? readValue(fields.value, more, budget)
        : err(`has a problem: ${fields.problem}; write its keys out`);
    }
    const text = readText(node);
    return text.ok ? ok({ from: text.value, leniency: {} }) : text;
  };
}

/**
 * Returns the text that YAML read as a map, because it is in braces or ends in a colon, and has no quotes. It is no reference, so
 * that it is refused as one, with the reference that is meant. Returns undefined if the map has a known key.
 */
export function withoutQuotes(node: Mapping, known: readonly string[]): string | undefined {
  const text = textInBraces(node);
  if (text === undefined || known.includes(text)) return undefined;
  return text.startsWith('arn:') ? `${text}:` : `{${text}}`;
}

function readValue(fields: Fields, more: readonly More[], budget: Budget): Result<ReferenceValue> {
  const unknown = unknownKey(fields, [...KNOWN, ...more]);
  if (unknown !== undefined) return err(unknown);
  const from = readText(fields.get('from') ?? null);
  if (!from.ok) return err(fields.has('from') ? `has a problem with from: it ${from.problem}` : from.problem);
  const leniency = readLeniency(fields);
  if (!leniency.ok) return leniency;
  const mode = readMode(fields.get('mode') ?? null);
  if (!mode.ok) return mode;
  const pick = readPick(fields, from.value, budget);
  if (!pick.ok) return pick;
  return ok({
    from: from.value,
    leniency: leniency.value,
    ...(mode.value && { mode: mode.value }),
    ...(pick.value && { pick: pick.value }),
  });
}

function readPick(fields: Fields, from: string, budget: Budget): Result<Pick | undefined> {
  const rename = readRename(fields, budget, false);
  if (!rename.ok) return rename;
  if (!fields.has('key')) {
    return rename.value === undefined ? ok(undefined) : err('has rename without key; name the key that is wanted');
  }
  const key = readText(fields.get('key') ?? null, { thing: 'key', example: 'key: DB_password' });
  if (!key.ok) return err(`has a problem with key: it ${key.problem}`);
  if (key.value === '') return err('has an empty key; name the key that is wanted');
  if (from.includes('#')) return err('has key beside a reference with #; write the key behind the #, or only key');
  return ok({ key: key.value, ...(rename.value && { rename: rename.value }) });
}

/** Reads a mode. It is the text as it is written, so that `0644` needs no quotes here. */
function readMode(node: Node | null): Result<string | undefined> {
  if (node === null) return ok(undefined);
  const text = isScalar(node) ? node.text : '';
  return /^[0-7]{4}$/.test(text)
    ? ok(`0${text.slice(1)}`)
    : err('has an invalid mode; write four octal digits, like "0644"');
}
