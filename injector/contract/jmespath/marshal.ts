/** JSON of an evaluation's values: as Go's `json.Marshal` writes it, or in the source's own words. */
import { type Budget, spend } from './limit.ts';
import { EvaluationError, sortedEntries, type Value } from './value.ts';

/**
 * `json.Marshal` of what Go holds, for to_string: keys sorted, numbers as the nearest float64 is written (as ECMAScript
 * writes them, but for -0), and the characters that HTML minds escaped.
 */
export function goJson(value: Value, budget: Budget): string {
  spend(budget, 1);
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return value.source;
    case 'number':
      return goNumber(Number(value.source));
    case 'string':
      spend(budget, value.text.length);
      return goString(value.text);
    case 'array':
      return `[${value.items.map((item) => goJson(item, budget)).join(',')}]`;
    case 'object':
      return `{${sortedEntries(value.entries)
        .map(([key, entry]) => `${goJson({ kind: 'string', text: key }, budget)}:${goJson(entry, budget)}`)
        .join(',')}}`;
    default:
      return '{}';
  }
}

/** Compact JSON, where what stands in the source keeps its own text; null for a number that is not finite. */
export function ownJson(value: Value, budget: Budget): string {
  if ('source' in value && value.source !== undefined) {
    spend(budget, 1 + value.source.length);
    return value.kind === 'number' && !Number.isFinite(Number(value.source)) ? 'null' : value.source;
  }
  if (value.kind === 'array') return `[${value.items.map((item) => ownJson(item, budget)).join(',')}]`;
  if (value.kind !== 'object') return goJson(value, budget);
  const entries = sortedEntries(value.entries).map(
    ([key, entry]) => `${goJson({ kind: 'string', text: key }, budget)}:${ownJson(entry, budget)}`,
  );
  return `{${entries.join(',')}}`;
}

function goNumber(value: number): string {
  if (!Number.isFinite(value)) throw new EvaluationError('No JSON for a number that is not finite.');
  return Object.is(value, -0) ? '-0' : String(value);
}

function goString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
