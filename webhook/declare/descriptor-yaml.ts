/** From the YAML of `objects` to descriptors, as sigs.k8s.io/yaml and Go's JSON read it for ASCP. */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { echo } from './echo.ts';
import { goScalar } from './go-scalar.ts';
import { type Fields, fieldReader } from './mapping.ts';
import { bad, good, type Parsed } from './parsed.ts';
import { nearest } from './spelling.ts';
import { parseYaml, type Tree } from './yaml.ts';

const TEXTS = [
  'objectName',
  'objectAlias',
  'objectVersion',
  'objectVersionLabel',
  'objectType',
  'filePermission',
] as const;
const PART_TEXTS = ['path', 'objectAlias', 'filePermission'] as const;
const LATER = ['failoverObject', 'optional', 'default', 'type', 'expand', 'path', 'prefix', 'tags'];
const PART_LATER = ['optional', 'default', 'type'];

type Texts<K extends string> = { readonly [key in K]: string };
export type Part = Texts<(typeof PART_TEXTS)[number]>;
export type Descriptor = Texts<(typeof TEXTS)[number]> & { readonly jmesPath: readonly Part[] };
/** `foreign` is a sentence about a key that ASCP would ignore, or that this version can't do yet. */
export type Foreign = { readonly kind: 'unknown' | 'later'; readonly problem: string };
export type Entry = { readonly descriptor: Descriptor; readonly foreign: Foreign | undefined };

type Reading<K extends string> = {
  readonly texts: Texts<K>;
  readonly rest: Fields;
  readonly foreign: Foreign | undefined;
};
type Shape<K extends string> = {
  readonly texts: readonly K[];
  readonly others: readonly string[];
  readonly later: readonly string[];
};

/** The list's entries; `null` for an empty one. Problems start with ASCP's own text. */
export function readEntries(text: string): Parsed<(Entry | null)[]> {
  const tree = parseYaml(text);
  if (!tree.ok) return failed(tree.problem);
  const { root } = tree.value;
  if (root === null || (isScalar(root) && goScalar(root) === '')) return good([]);
  if (isMap(root) && root.has('array')) {
    return failed(
      "it has the form of the Azure provider, array: | with texts in it; remove the line array: and each entry's |",
    );
  }
  if (!isSeq(root)) return failed('it is not a list; write each object as an entry that starts with "- "');
  const read = fieldReader(tree.value);
  const entries: (Entry | null)[] = [];
  for (const [index, item] of root.items.entries()) {
    const entry = readEntry(tree.value.follow(item), tree.value, read);
    if (!entry.ok) return failed(`entry ${index + 1}: ${entry.problem}`);
    entries.push(entry.value);
  }
  return good(entries);
}

function failed(problem: string): { readonly ok: false; readonly problem: string } {
  return bad(`Failed to load SecretProviderClass: ${problem}`);
}

type Read = ReturnType<typeof fieldReader>;

function readEntry(node: Node | null, tree: Tree, read: Read): Parsed<Entry | null> {
  if (isNull(node)) return good(null);
  if (!isMap(node)) {
    return bad(
      isScalar(node) && node.type?.startsWith('BLOCK_')
        ? 'it is text, as for the Azure provider; remove the | after "- "'
        : 'it is not a mapping; write objectName: NAME and its other keys',
    );
  }
  const fields = read(node);
  if (!fields.ok) return bad(`${fields.problem}; write its keys out`);
  const own = readTexts(fields.value, { texts: TEXTS, others: ['jmesPath'], later: LATER });
  if (!own.ok) return own;
  const list = field(own.value.rest, 'jmesPath');
  const parts = readParts(list, tree, read);
  if (!parts.ok) return parts;
  const foreign = own.value.foreign ?? parts.value.find((part) => part.foreign !== undefined)?.foreign;
  return good({ descriptor: { ...own.value.texts, jmesPath: parts.value.map(({ texts }) => texts) }, foreign });
}

function readParts(list: Node | null, tree: Tree, read: Read): Parsed<Reading<keyof Part>[]> {
  if (isNull(list)) return good([]);
  if (!isSeq(list)) return bad('jmesPath is not a list; write each path as an entry that starts with "- "');
  const parts: Reading<keyof Part>[] = [];
  for (const item of list.items) {
    const node = tree.follow(item);
    if (!isNull(node) && !isMap(node)) return bad('an entry of jmesPath is not a mapping; write path and objectAlias');
    const fields = isMap(node) ? read(node) : good<Fields>(new Map());
    if (!fields.ok) return bad(`${fields.problem}; write its keys out`);
    const part = readTexts(fields.value, { texts: PART_TEXTS, others: [], later: PART_LATER });
    if (!part.ok) return part;
    parts.push(part.value);
  }
  return good(parts);
}

/** Go's JSON takes keys in any case. It gets them sorted, so of two spellings the last in byte order wins. */
function readTexts<K extends string>(fields: Fields, { texts, others, later }: Shape<K>): Parsed<Reading<K>> {
  const found = Object.fromEntries(texts.map((key) => [key, ''])) as Record<K, string>;
  const spelled = new Map<string, K>(texts.map((key) => [key.toLowerCase(), key]));
  let foreign: Foreign | undefined;
  for (const [key, node] of sorted(fields)) {
    const known = spelled.get(key.toLowerCase());
    if (known === undefined) {
      if (!others.some((other) => same(other, key))) foreign ??= foreignKey(key, [...texts, ...others], later);
    } else if (!isNull(node)) {
      if (!isScalar(node)) return bad(`${known} is not text; write one value, in quotes where in doubt`);
      found[known] = goScalar(node);
    }
  }
  return good({ texts: found, rest: fields, foreign });
}

function foreignKey(key: string, known: readonly string[], later: readonly string[]): Foreign {
  const match = later.find((candidate) => same(candidate, key));
  if (match !== undefined)
    return { kind: 'later', problem: `${match} is not supported by this version yet; remove it` };
  const guess = nearest(key, known);
  const fix = guess === undefined ? `the keys are ${known.join(', ')}` : `did you mean ${guess}?`;
  return { kind: 'unknown', problem: `unknown key ${echo(key)}; ${fix}` };
}

function field(fields: Fields, name: string): Node | null {
  return sorted(fields).findLast(([key]) => same(key, name))?.[1] ?? null;
}

function sorted(fields: Fields): [string, Node | null][] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
}

function same(one: string, two: string): boolean {
  return one.toLowerCase() === two.toLowerCase();
}

function isNull(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.tag === undefined && node.type === 'PLAIN' && goScalar(node) === '');
}
