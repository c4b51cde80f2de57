/**
 * Reads the annotation `templates`: a map from paths in the mount to texts with `{{ reference }}`, `{{ reference | filter | filter }}`
 * and `{{ "text" }}`. A filter's `|` has white space around it, and a JMESPath's has none. Quotes, backticks and braces of the
 * JMESPath are respected. A text is read in one pass, and placeholders do not nest.
 */
import { FILTERS } from '../../../injector/contract/filters.ts';
import { refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Placeholder, Reading, TemplateOutput } from '../outputs.ts';
import { parseFileTarget } from '../paths.ts';
import { filterWithoutBlanks, spaceFilters, warnOfSlash } from '../references/meant.ts';
import { asText, parseReference } from '../references/reference.ts';
import { err, ok, type Result } from '../result.ts';
import { type Scope, withFailover } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { nearest } from '../spelling.ts';
import { pasteable } from '../yaml/quote.ts';
import { type ReadValue, readText } from '../yaml/text-map.ts';
import { isMapping, textInBraces } from '../yaml/tree.ts';
import { readPairs } from './files.ts';

type Filter = (typeof FILTERS)[number];
type Scanned = {
  /** The reference and the filters: the pieces between each `|` of a filter. */
  readonly pieces: readonly string[];
  /** The index after the closing `}}`. */
  readonly end: number;
};

const QUOTES: ReadonlySet<string> = new Set(['"', "'", '`']);
const SPACE = /\s/;
/** Matches the beginning of a placeholder with a reference that names no service and starts with a `/`. */
const REFERENCE = /\{\{\s*(\/[^\s{}?#|]*)/g;

const TEXT = { thing: 'text', example: '"user={{ app1/db#username }}" in quotes, or its lines after |' };

/** Reads the text of `templates`. Each mistake becomes a refusal; a wrong template has no output. */
export function parseTemplates(text: string, scope: Scope, budget: Budget): Reading {
  const { pairs, refusals } = readPairs('templates', 'file', text, budget, readTemplate);
  const templates: TemplateOutput[] = [];
  for (const { key, value } of pairs) {
    if (refusals.length > MOST_REFUSALS) break;
    const target = parseFileTarget(key);
    if (!target.ok) {
      refusals.push(refusal('ASI_ADMIT_INVALID_FILE_NAME', `templates: "${echo(key)}" ${target.problem}`));
    }
    const parts = parseTemplate(value, scope, budget);
    if (parts.ok) {
      templates.push({
        annotation: 'templates',
        label: key,
        ...(target.ok ? target.value : { path: key }),
        mode: scope.mode,
        parts: parts.value,
      });
    } else {
      const message = `templates: ${echo(key)}: ${parts.problem}`;
      refusals.push(refusal('ASI_ADMIT_INVALID_TEMPLATE', message));
    }
  }
  return {
    outputs: [],
    templates,
    refusals,
    warnings: pairs.flatMap(({ value }) => warnOfSlashes('templates', value)),
  };
}

/** Returns the warnings about references of a template that start with `/` and name no service. */
export function warnOfSlashes(annotation: string, template: string): string[] {
  return [...template.matchAll(REFERENCE)].flatMap(([, reference = '']) => warnOfSlash(annotation, reference));
}

/** Reads a text that may have placeholders. One in braces without quotes is a problem with the text to write. */
export const readTemplate: ReadValue<string> = (node) => {
  const inBraces = isMapping(node) ? textInBraces(node) : undefined;
  if (inBraces !== undefined) {
    const fix = pasteable(`{{ ${spaceFilters(inBraces)} }}`) ?? 'the text in single quotes';
    return err(`has braces without quotes, which YAML reads as a map; write ${fix}`);
  }
  const text = readText(node, TEXT);
  return !text.ok || text.value.isWellFormed() ? text : err('is not valid Unicode; correct it');
};

/** Splits a template into its texts and its placeholders. A problem is the end of a sentence, with the line and the fix. */
export function parseTemplate(text: string, scope: Scope, budget: Budget): Result<readonly (string | Placeholder)[]> {
  const parts: (string | Placeholder)[] = [];
  let start = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', start)) {
    const scanned = scan(text, open + 2);
    const part = scanned.ok ? readPart(scanned.value.pieces, scope, budget) : scanned;
    if (!part.ok) return err(`line ${lineOf(text, open)}: ${part.problem}`);
    parts.push(text.slice(start, open), part.value);
    start = scanned.ok ? scanned.value.end : text.length;
  }
  return ok(joined([...parts, text.slice(start)]));
}

/** Splits a placeholder at its filters. It reads from `from`, behind `{{`, to the `}}` that closes it. */
function scan(text: string, from: number): Result<Scanned> {
  const pieces: string[] = [];
  let [start, depth] = [from, 0];
  for (let at = from; at < text.length; at = afterToken(text, at)) {
    const pipe = depth === 0 ? pipeAt(text, at) : 'none';
    if (pipe === 'lopsided') return err(lopsidedProblem(text.slice(from, Math.max(from, text.indexOf('}}', at)))));
    if (pipe === 'filter') {
      pieces.push(text.slice(start, at));
      start = at + 1;
    } else if (depth === 0 && text.startsWith('}}', at)) {
      return ok({ pieces: [...pieces, text.slice(start, at)], end: at + 2 });
    }
    depth = Math.max(0, depth + braceAt(text, at));
  }
  return err('has {{ without }}; close it, or write {{ "{{" }} where the text is to hold {{');
}

/** Returns the index behind the token at `at`: a character, a text in quotes, or the `||` of a JMESPath. */
function afterToken(text: string, at: number): number {
  const character = text.charAt(at);
  if (QUOTES.has(character)) return closing(text, at) + 1;
  return at + (text.startsWith('||', at) ? 2 : 1);
}

function pipeAt(text: string, at: number): 'none' | 'filter' | 'lopsided' {
  if (text[at] !== '|' || text[at + 1] === '|') return 'none';
  const [before, after] = [SPACE.test(text[at - 1] ?? ''), SPACE.test(text[at + 1] ?? '')];
  if (before !== after) return 'lopsided';
  return before ? 'filter' : 'none';
}

function lopsidedProblem(placeholder: string): string {
  return (
    filterWithoutBlanks(placeholder.trim()) ??
    'has a "|" with white space on one side; write it on both for a filter, or on none for a JMESPath'
  );
}

function braceAt(text: string, at: number): number {
  return text[at] === '{' ? 1 : text[at] === '}' ? -1 : 0;
}

/** Returns the index of the quote that closes the one at `open`; the length of the text if none does. A backslash escapes a character. */
function closing(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[open]) return at;
  }
  return text.length;
}

function readPart(
  [first = '', ...rest]: readonly string[],
  scope: Scope,
  budget: Budget,
): Result<string | Placeholder> {
  const expression = first.trim();
  if (expression === '') return err('has {{ }} with nothing in it; write {{ reference }}');
  const names = rest.map((piece) => piece.trim());
  if (expression.startsWith('"')) return readLiteral(expression, names);
  const crowded = filterWithoutBlanks(expression);
  if (crowded !== undefined) return err(crowded);
  const unknown = names.find((name) => !isFilter(name));
  if (unknown !== undefined) return err(filterProblem(unknown));
  const reference = parseReference(expression, scope.region, budget);
  if (!reference.ok) return err(`the reference "${echo(expression)}" ${reference.problem}`);
  const filters = names.filter(isFilter);
  return ok({
    ...asText(reference.value),
    source: withFailover(reference.value.source, scope),
    ...(filters.length > 0 && { filters }),
  });
}

function isFilter(name: string): name is Filter {
  return FILTERS.some((filter) => filter === name);
}

function filterProblem(name: string): string {
  const guess = nearest(name, FILTERS);
  const fix = guess === undefined ? `the filters are ${FILTERS.join(', ')}` : `did you mean ${guess}?`;
  return `has the unknown filter "${echo(name)}"; ${fix}`;
}

function readLiteral(expression: string, filters: readonly string[]): Result<string> {
  if (filters.length > 0) return err('has a filter after text in quotes; write the text as it is to be');
  try {
    const text: unknown = JSON.parse(expression);
    if (typeof text === 'string') return ok(text);
  } catch {
    // The problem below says the same for a syntax error.
  }
  return err(`has "${echo(expression)}", which is not text in double quotes; write it, like {{ "{{" }}`);
}

/** Joins texts that follow each other, and leaves out empty ones. */
function joined(parts: readonly (string | Placeholder)[]): (string | Placeholder)[] {
  const all: (string | Placeholder)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (part === '') continue;
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
