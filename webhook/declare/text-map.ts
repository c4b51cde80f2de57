/** YAML whose scalars are references or names: each is the text as it is written, never a number or a boolean. */
import { isMap, isScalar, type Node, type Scalar } from 'yaml';
import { echo } from './echo.ts';
import { bad, good, type Parsed } from './parsed.ts';
import { parseYaml, type Tree } from './yaml.ts';

export type Pair = { readonly key: string; readonly text: string };
export type TextMap = { readonly pairs: readonly Pair[]; readonly problems: readonly string[] };

/** Reads a map from text to text. Good pairs and all problems, side by side. */
export function parseTextMap(text: string): TextMap {
  const tree = parseWhole(text);
  if (!tree.ok) return { pairs: [], problems: [tree.problem] };
  const { root } = tree.value;
  if (root === null) return { pairs: [], problems: [] };
  if (!isMap(root)) return { pairs: [], problems: ['is not a YAML map; write one "NAME: reference" a line'] };
  const pairs = new Map<string, Pair>();
  const problems: string[] = [];
  for (const { key, value } of root.items) {
    const name = tree.value.follow(key);
    const read = isScalar(name)
      ? readText(tree.value.follow(value), tree.value)
      : bad('has a key that is no text; write a name before the ":"');
    const known = isScalar(name) ? String(name.value) : '';
    if (pairs.has(known)) problems.push(`"${echo(known)}" is there twice; keep one of the two`);
    else if (!read.ok) problems.push(`"${echo(known)}" ${read.problem}`);
    else pairs.set(known, { key: known, text: read.value });
  }
  return { pairs: [...pairs.values()], problems };
}

/** Reads YAML of which nothing may be left unread. */
export function parseWhole(text: string): Parsed<Tree> {
  const tree = parseYaml(text);
  if (tree.ok && tree.value.more) return bad('holds more than one YAML document; remove the lines "---"');
  return tree;
}

/** The text of a scalar as it is written. */
export function readText(node: Node | null, tree: Tree): Parsed<string> {
  if (node === null || (isScalar(node) && isNothing(node)))
    return bad('has no reference; write NAME, ssm:NAME or a full ARN');
  if (!isScalar(node)) return bad('is not one text; write one reference, like app1/db#password');
  if (tree.looksCut(node)) {
    return bad('ends in a space and "#", which starts a comment in YAML; remove the space, or put one after "#"');
  }
  return good(String(node.value));
}

function isNothing({ type, value }: Scalar): boolean {
  return type === 'PLAIN' && (value === '' || value === '~' || value === 'null');
}
