/**
 * Evaluates JMESPath as go-jmespath 0.4.0 does, which ASCP uses. Of the 725 results recorded from it in test/fixtures/jmespath,
 * `jmespath` 0.16 differs in 129, `@jmespath-community/jmespath` 1.3 in 103, and a wrapper around the former still in 100:
 * nearly all in the lexer and the evaluation. So only the library's parser is used, which reads Go's tokens (lexer.ts); the
 * evaluation is our own (interpreter.ts) and differs in none. These are not copied: that sort_by sorts the value itself for
 * every later use, the random order of an object's entries (ours is that of the keys), crashes, and expressions that Go's
 * parser accepts unfinished (`[1[]`) or as a call (`'length'(a)`).
 */
import { type JsonNode, parseJson } from '../json.ts';
import { apply } from './interpreter.ts';
import { type Budget, LimitError } from './limit.ts';
import { ownJson } from './marshal.ts';
import { compile } from './parser.ts';
import { EvaluationError, isJsonNumber, type Value } from './value.ts';

/**
 * `node` is the result with the source's own text: its digits and its inner white space; in a computed result, that of its parts.
 * It is undefined if JSON has no such value, and if the result is null because the expression points to nothing: a null that
 * stands in the source has a node. `cause` says what may be meant instead, or what is too much.
 */
export type Evaluation =
  | { readonly ok: true; readonly value: unknown; readonly node?: JsonNode }
  | { readonly ok: false; readonly cause?: string };

/** Limits the steps of one evaluation. They take half a second at most; a walk through a value of 64 KiB takes some 100,000. */
const STEP_LIMIT = 2_000_000;

/** Returns the result of the expression, with `ok: false` if Go would not compile or run it. Never throws. */
export function evaluate(json: JsonNode, path: string): Evaluation {
  const compiled = compile(path);
  if (!compiled.ok) {
    const cause = compiled.meant === undefined ? compiled.limit : `Did you mean '${compiled.meant}'?`;
    return cause === undefined ? { ok: false } : { ok: false, cause };
  }
  const budget = { left: STEP_LIMIT };
  try {
    return outcome(apply(compiled.expression, json, budget), budget);
  } catch (error) {
    if (error instanceof EvaluationError) return { ok: false };
    return { ok: false, cause: error instanceof LimitError ? error.message : 'It is nested too deeply to evaluate.' };
  }
}

function outcome(result: Value, budget: Budget): Evaluation {
  if (result.kind === 'expression') return { ok: true, value: {} };
  if (result.kind === 'null' && result.source === undefined) return { ok: true, value: null };
  if (result.kind === 'number' && !isJsonNumber(result.source)) return { ok: true, value: Number(result.source) };
  const source = ownJson(result, budget);
  const node = parseJson(Buffer.from(source), { anyNumber: true });
  const value: unknown = result.kind === 'string' ? result.text : JSON.parse(source);
  return node === undefined ? { ok: true, value } : { ok: true, value, node };
}
