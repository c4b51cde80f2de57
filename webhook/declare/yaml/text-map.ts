/** Reads YAML whose scalars are references or names. Each is the text as it is written, never a number or a boolean. */
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { ecsReference } from '../references/ecs.ts';
import { err, ok, type Result } from '../result.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { parseYaml, type Tree } from './document.ts';
import { pasteable, quoteLine, splitLine } from './quote.ts';
import { isMapping, isScalar, type Node, type Scalar } from './tree.ts';

type Pair<T> = { readonly key: string; readonly value: T };
export type Pairs<T> = { readonly pairs: readonly Pair<T>[]; readonly problems: readonly string[] };
/** Reads one value of a map. Returns the problem as the end of a sentence that starts with the key. */
export type ReadValue<T> = (node: Node | null) => Result<T>;

/** Reads a map from texts to values. Returns the valid pairs, and the first problems of the others. */
export function parseMap<T>(text: string, budget: Budget, readValue: ReadValue<T>): Pairs<T> {
  const tree = parseWhole(text, budget);
  if (!tree.ok) return { pairs: [], problems: [tree.problem] };
  const { root } = tree.value;
  if (root === null) return { pairs: [], problems: [] };
  if (!isMapping(root)) return { pairs: [], problems: ['is not a YAML map; write one "NAME: reference" a line'] };
  const pairs = new Map<string, Pair<T>>();
  const problems: string[] = [];
  for (const { key, value } of root.pairs) {
    if (problems.length > MOST_REFUSALS) break;
    const read = isScalar(key) ? readValue(value) : err('has a key that is not text; write a name before the ":"');
    const known = isScalar(key) ? key.text : '';
    if (pairs.has(known)) problems.push(`"${echo(known)}" is there twice; keep one of the two`);
    else if (!read.ok) problems.push(`"${echo(known)}" ${read.problem}`);
    else pairs.set(known, { key: known, value: read.value });
  }
  return { pairs: [...pairs.values()], problems };
}

/** Reads YAML that must be one document. */
export function parseWhole(text: string, budget: Budget): Result<Tree> {
  const tree = parseYaml(text, budget, fixLine);
  if (tree.ok && tree.value.more) return err('holds more than one YAML document; remove the lines "---"');
  return tree;
}

/** Writes an ARN as ECS takes it, which ends in a colon and so is no YAML, as a reference. Any other value gets quotes. */
function fixLine(line: string): string | undefined {
  const split = splitLine(line);
  const fix = split && pasteable(ecsReference(split.value) ?? '');
  return split && fix && fix !== "''" ? `write ${split.start} ${fix}` : quoteLine(line);
}

/** Names what a text must be, and gives an example. Refusals quote both. */
export type Expected = { readonly thing: string; readonly example: string };

const REFERENCE: Expected = { thing: 'reference', example: 'app1/db#password' };

/** Returns the text of a scalar as it is written. An empty one, a list and a map are problems. */
export function readText(node: Node | null, { thing, example }: Expected = REFERENCE): Result<string> {
  if (node === null || (isScalar(node) && isNothing(node))) return err(`has no ${thing}; write one, like ${example}`);
  if (!isScalar(node)) return err(`is not one text; write one ${thing}, like ${example}`);
  if (node.isCut) {
    return err('ends in a space and "#", which starts a comment in YAML; remove the space, or put one after "#"');
  }
  return ok(node.text);
}

function isNothing({ style, text }: Scalar): boolean {
  return style === 'plain' && (text === '' || text === '~' || text === 'null');
}
