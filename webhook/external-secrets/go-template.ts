/** Reads the Go templates of ExternalSecrets, as far as a template of the injector can say the same. */
import type { FilterName } from '../../injector/contract/filters.ts';
import { err, ok, type Result } from '../declare/result.ts';

/** A key of the Secret's data before the template, and what is done with its value. */
export type Field = { readonly key: string; readonly filters: readonly FilterName[] };

/** Matches an action with its trim markers. Texts in quotes may hold braces. */
const ACTION = /\{\{(-?)((?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!-?\}\})[^"`])*?)(-?)\}\}/gs;

/**
 * The functions that have a counterpart, with its filters. Values are texts in templates of External Secrets, so that
 * `toString` does nothing, and JSON of a value is a text in quotes. https://external-secrets.io/latest/guides/templating
 */
const FUNCTIONS: Readonly<Record<string, readonly FilterName[]>> = {
  toString: [],
  b64enc: ['base64'],
  b64dec: ['base64decode'],
  urlquery: ['urlencode'],
  quote: ['quote'],
  toJson: ['quote'],
  toRawJson: ['quote'],
  upper: ['upper'],
  lower: ['lower'],
  trim: ['trim'],
};

/** Returns the texts and the fields of a template; or what has no counterpart, as the end of a sentence. */
export function parseGoTemplate(text: string): Result<readonly (string | Field)[]> {
  const parts: (string | Field)[] = [];
  let [at, trims] = [0, false];
  for (const match of text.matchAll(ACTION)) {
    const [whole, before, inside = '', after] = match;
    const start = text.slice(at, match.index);
    parts.push(trim(start, trims, before === '-'));
    const part = parseAction(inside.trim());
    if (part === undefined) return err(`has ${whole}, which the annotation templates can not say`);
    parts.push(part);
    [at, trims] = [match.index + whole.length, after === '-'];
  }
  const rest = trim(text.slice(at), trims, false);
  if (rest.includes('{{')) return err('has {{ without }}');
  return ok([...parts, rest].filter((part) => part !== ''));
}

/** https://pkg.go.dev/text/template#hdr-Text_and_spaces */
function trim(text: string, start: boolean, end: boolean): string {
  const left = start ? text.replace(/^[ \t\r\n]+/, '') : text;
  return end ? left.replace(/[ \t\r\n]+$/, '') : left;
}

function parseAction(text: string): string | Field | undefined {
  if (/^\/\*.*\*\/$/s.test(text)) return '';
  return /^"(?:[^"\\\p{Cc}]|\\["\\nt])*"$/u.test(text) ? JSON.parse(text) : parsePipeline(text);
}

/** Matches the parts between each `|`: those in parentheses or quotes stay whole. */
const STAGE = /(?:\([^()]*\)|"[^"]*"|[^|()"])+/g;

/** Reads an operand and the functions behind it. */
function parsePipeline(text: string): Field | undefined {
  const [first = '', ...names] = (text.match(STAGE) ?? []).map((stage) => stage.trim());
  const isWhole = text.replaceAll(STAGE, '').length === names.length;
  const field = isWhole ? parseOperand(first) : undefined;
  if (field === undefined || !names.every((name) => Object.hasOwn(FUNCTIONS, name))) return undefined;
  return { key: field.key, filters: [...field.filters, ...names.flatMap((name) => FUNCTIONS[name] ?? [])] };
}

/** Reads `.key`, `index . "key"`, a pipeline in parentheses, and a function of one of these. */
function parseOperand(text: string): Field | undefined {
  const inside = /^\(([^()]*)\)$/.exec(text)?.[1];
  if (inside !== undefined) return parsePipeline(inside.trim());
  const [, name] = /^\.([A-Za-z_]\w*)$/.exec(text) ?? /^index\s+\.\s+"([^"\\]+)"$/.exec(text) ?? [];
  if (name !== undefined) return { key: name, filters: [] };
  const [, called = '', operand = ''] = /^(\w+)\s+(.+)$/s.exec(text) ?? [];
  const field = Object.hasOwn(FUNCTIONS, called) ? parseOperand(operand.trim()) : undefined;
  return field && { key: field.key, filters: [...field.filters, ...(FUNCTIONS[called] ?? [])] };
}
