/** Writes values of an evaluation as JSON: as Go's `json.Marshal` does, or in the source's own text. */
import { type Budget, spend } from './limit.ts';
import { EvaluationError, isJsonNumber, sortedEntries, type Value } from './value.ts';

/**
 * Returns the value as Go's `json.Marshal` writes it, for to_string: keys are sorted, numbers are written as the nearest
 * float64 (as ECMAScript writes them, except -0), and characters with a meaning in HTML are escaped.
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

/** Returns compact JSON, in which what stands in the source keeps its own text. It has null for a computed number that is not finite. */
export function ownJson(value: Value, budget: Budget): string {
  if ('source' in value && value.source !== undefined) {
    spend(budget, 1 + value.source.length);
    return value.kind === 'number' && !isJsonNumber(value.source) ? 'null' : value.source;
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
