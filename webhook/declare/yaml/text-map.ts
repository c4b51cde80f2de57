/** YAML whose scalars are references or names: each is the text as it is written, never a number or a boolean. */
import { isMap, isScalar, type Node, type Scalar } from 'yaml';
import { echo } from '../echo.ts';
import { bad, good, type Parsed } from '../parsed.ts';
import { fieldReader } from './mapping.ts';
import { parseYaml, type Tree } from './yaml.ts';

export type Pair<T> = { readonly key: string; readonly value: T };
export type Pairs<T> = { readonly pairs: readonly Pair<T>[]; readonly problems: readonly string[] };
/** Reads one value of a map; `fields` reads a map inside it. */
export type ReadValue<T> = (node: Node | null, tree: Tree, fields: ReturnType<typeof fieldReader>) => Parsed<T>;

/** Reads a map from text to values. Good pairs and all problems, side by side. */
export function parseMap<T>(text: string, readValue: ReadValue<T>): Pairs<T> {
  const tree = parseWhole(text);
  if (!tree.ok) return { pairs: [], problems: [tree.problem] };
  const { root, follow } = tree.value;
  if (root === null) return { pairs: [], problems: [] };
  if (!isMap(root)) return { pairs: [], problems: ['is not a YAML map; write one "NAME: reference" a line'] };
  const fields = fieldReader(tree.value);
  const pairs = new Map<string, Pair<T>>();
  const problems: string[] = [];
  for (const { key, value } of root.items) {
    const name = follow(key);
    const read = isScalar(name)
      ? readValue(follow(value), tree.value, fields)
      : bad('has a key that is no text; write a name before the ":"');
    const known = isScalar(name) ? String(name.value) : '';
    if (pairs.has(known)) problems.push(`"${echo(known)}" is there twice; keep one of the two`);
    else if (!read.ok) problems.push(`"${echo(known)}" ${read.problem}`);
    else pairs.set(known, { key: known, value: read.value });
  }
  return { pairs: [...pairs.values()], problems };
}

/** Reads YAML of which nothing may be left unread. */
export function parseWhole(text: string): Parsed<Tree> {
  const tree = parseYaml(text);
  if (tree.ok && tree.value.more) return bad('holds more than one YAML document; remove the lines "---"');
  return tree;
}

/** What a text is for, as the words of its refusals. */
export type Wanted = { readonly thing: string; readonly example: string };

const REFERENCE: Wanted = { thing: 'reference', example: 'app1/db#password' };

/** The text of a scalar as it is written. */
export function readText(node: Node | null, tree: Tree, { thing, example }: Wanted = REFERENCE): Parsed<string> {
  if (node === null || (isScalar(node) && isNothing(node))) return bad(`has no ${thing}; write one, like ${example}`);
  if (!isScalar(node)) return bad(`is not one text; write one ${thing}, like ${example}`);
  if (tree.looksCut(node)) {
    return bad('ends in a space and "#", which starts a comment in YAML; remove the space, or put one after "#"');
  }
  return good(String(node.value));
}

function isNothing({ type, value }: Scalar): boolean {
  return type === 'PLAIN' && (value === '' || value === '~' || value === 'null');
}
