/**
 * JMESPath as go-jmespath 0.4.0 has it, which ASCP uses. Chosen by evidence: of the 725 results recorded from it in
 * test/fixtures/jmespath, `jmespath` 0.16 differs in 129, `@jmespath-community/jmespath` 1.3 in 103, a wrapper around the
 * former still in 100: nearly all in the lexer and the evaluation. So of the library only the parser is used, fed with Go's
 * tokens (lexer.ts); the evaluation is our own (interpreter.ts) and differs in none. Not copied: that sort_by sorts the
 * value itself for all who look later, the random order of an object's entries (ours is that of the keys), crashes, and what
 * Go's parser lets pass unfinished (`[1[]`) or as a call (`'length'(a)`).
 */
import { type JsonNode, parseJson } from '../json.ts';
import { apply } from './interpreter.ts';
import { type Budget, LimitError } from './limit.ts';
import { ownJson } from './marshal.ts';
import { compile } from './parser.ts';
import { EvaluationError, type Value } from './value.ts';

/**
 * `node` is the result with the source's own text: digits, inner white space; in computed results that of their parts. It is
 * absent where JSON has no such value. `cause`: what may be meant instead, or what is too much.
 */
export type Evaluation =
  | { readonly ok: true; readonly value: unknown; readonly node?: JsonNode }
  | { readonly ok: false; readonly cause?: string };

/** Half a second's work at the worst; to go once through a value of 64 KiB takes some 100,000 steps at the most. */
const STEP_LIMIT = 2_000_000;

/** The result of the expression; `ok: false` where Go would not compile or run it. Never throws. */
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
  if (result.kind === 'number' && !Number.isFinite(Number(result.source))) {
    return { ok: true, value: Number(result.source) };
  }
  const source = ownJson(result, budget);
  const node = parseJson(Buffer.from(source));
  const value: unknown = result.kind === 'string' ? result.text : JSON.parse(source);
  return node === undefined ? { ok: true, value } : { ok: true, value, node };
}
