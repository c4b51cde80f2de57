/** Reads the YAML of `objects` into descriptors, as sigs.k8s.io/yaml and Go's JSON read it for ASCP. */
import type { Budget } from '../budget.ts';
import { keysOf, splitEcsArn } from '../references/ecs.ts';
import { err, ok, type Result } from '../result.ts';
import { parseYaml } from '../yaml/document.ts';
import { goScalar } from '../yaml/go-scalar.ts';
import { LENIENCY } from '../yaml/leniency.ts';
import { type Fields, readFields } from '../yaml/mapping.ts';
import { quoteLine, splitLine } from '../yaml/quote.ts';
import { isMapping, isScalar, isSequence, type Node } from '../yaml/tree.ts';

const TEXTS = [
  'objectName',
  'objectAlias',
  'objectVersion',
  'objectVersionLabel',
  'objectType',
  'filePermission',
] as const;
const PART_TEXTS = ['path', 'objectAlias', 'filePermission'] as const;
const FAILOVER_TEXTS = ['objectName', 'objectVersion', 'objectVersionLabel'] as const;
/** ASCP does not know these keys. They stand in place of objectName. */
export const SEARCH_KEYS = ['path', 'prefix', 'tags', 'regexp'] as const;
const EXTENSIONS = [...LENIENCY, 'expand', 'rename', ...SEARCH_KEYS] as const;

type Texts<K extends string> = { readonly [key in K]: string };
export type Part = Texts<(typeof PART_TEXTS)[number]>;
type FailoverObject = Texts<(typeof FAILOVER_TEXTS)[number]>;
export type Descriptor = Texts<(typeof TEXTS)[number]> & {
  readonly jmesPath: readonly Part[];
  readonly failoverObject: FailoverObject;
};
/** A mapping with its keys as ASCP spells them, and the first key that is unknown. */
type Known = {
  readonly fields: Fields;
  readonly unknown?: { readonly key: string; readonly known: readonly string[] };
};
export type Entry = Known & {
  readonly descriptor: Descriptor;
  /** The mappings of `jmesPath`, as many as the descriptor has. */
  readonly parts: readonly Known[];
};

/**
 * Returns the entries of the list, with null for an empty one, and a problem for one that is no entry. Each problem starts with
 * ASCP's own words and ends with the fix.
 */
export function readEntries(text: string, budget: Budget): Result<Result<Entry | null>[]> {
  const tree = parseYaml(text, budget, fixLine);
  if (!tree.ok) return failed(tree.problem);
  const { root } = tree.value;
  if (root === null || (isScalar(root) && goScalar(root) === '')) return ok([]);
  if (isMapping(root) && root.pairs.some(({ key }) => isScalar(key) && key.text === 'array')) {
    return failed(
      "it has the form of the Azure provider, array: | with texts in it; remove the line array: and each entry's |",
    );
  }
  if (!isSequence(root)) return failed('it is not a list; write each object as an entry that starts with "- "');
  return ok(
    root.items.map((item, index) => {
      const entry = readEntry(item);
      return entry.ok ? entry : failed(`entry ${index + 1}: ${entry.problem}`);
    }),
  );
}

/** Writes an ARN as ECS takes it, which ends in a colon and so is no YAML, in the keys of a descriptor. */
function fixLine(line: string): string | undefined {
  const split = splitLine(line);
  const ecs = split?.start.endsWith('objectName:') ? splitEcsArn(split.value) : undefined;
  return ecs === undefined ? quoteLine(line) : `write ${keysOf(ecs)}`;
}

function failed(problem: string): { readonly ok: false; readonly problem: string } {
  return err(`Failed to load SecretProviderClass: ${problem}`);
}

function readEntry(node: Node | null): Result<Entry | null> {
  if (isNull(node)) return ok(null);
  if (!isMapping(node)) {
    return err(
      isScalar(node) && node.style === 'block'
        ? 'it is text, as for the Azure provider; remove the | after "- "'
        : 'it is not a mapping; write objectName: NAME and its other keys',
    );
  }
  const own = readMapping(node, [...TEXTS, 'jmesPath', 'failoverObject', ...EXTENSIONS]);
  if (!own.ok) return own;
  const texts = readTexts(own.value.fields, TEXTS);
  const list = readParts(own.value.fields.get('jmesPath') ?? null);
  const failover = readFailover(own.value.fields.get('failoverObject') ?? null);
  if (!texts.ok || !list.ok || !failover.ok) {
    return err([texts, list, failover].flatMap((read) => (read.ok ? [] : [read.problem])).join('; and '));
  }
  const jmesPath = list.value.map(({ part }) => part);
  const { failoverObject, unknown = own.value.unknown } = failover.value;
  return ok({
    descriptor: { ...texts.value, jmesPath, failoverObject },
    fields: own.value.fields,
    ...(unknown && { unknown: own.value.unknown ?? unknown }),
    parts: list.value,
  });
}

function readParts(list: Node | null): Result<(Known & { readonly part: Part })[]> {
  if (isNull(list)) return ok([]);
  if (!isSequence(list)) return err('jmesPath is not a list; write each path as an entry that starts with "- "');
  const parts: (Known & { readonly part: Part })[] = [];
  for (const node of list.items) {
    if (!isNull(node) && !isMapping(node))
      return err('an entry of jmesPath is not a mapping; write path and objectAlias');
    const mapping = readMapping(node, [...PART_TEXTS, ...LENIENCY]);
    if (!mapping.ok) return mapping;
    const part = readTexts(mapping.value.fields, PART_TEXTS);
    if (!part.ok) return part;
    parts.push({ ...mapping.value, part: part.value });
  }
  return ok(parts);
}

function readFailover(node: Node | null): Result<Pick<Known, 'unknown'> & { readonly failoverObject: FailoverObject }> {
  if (!isNull(node) && !isMapping(node)) return err('failoverObject is not a mapping; write objectName: NAME below it');
  const mapping = readMapping(node, FAILOVER_TEXTS);
  if (!mapping.ok) return mapping;
  const { fields, unknown } = mapping.value;
  const failoverObject = readTexts(fields, FAILOVER_TEXTS);
  return failoverObject.ok ? ok({ failoverObject: failoverObject.value, ...(unknown && { unknown }) }) : failoverObject;
}

/** Reads keys in any case, as Go's JSON does. It gets them sorted, so that of two spellings the last in byte order wins. */
function readMapping(node: Node | null, known: readonly string[]): Result<Known> {
  const own = isMapping(node) ? readFields(node) : ok<Fields>(new Map());
  if (!own.ok) return err(`${own.problem}; write its keys out`);
  const spelled = new Map(known.map((key) => [key.toLowerCase(), key]));
  const fields = new Map<string, Node | null>();
  let unknown: string | undefined;
  for (const [key, value] of sorted(own.value)) {
    const name = spelled.get(key.toLowerCase());
    if (name === undefined) unknown ??= key;
    else if (!fields.has(name) || !isNull(value)) fields.set(name, value);
  }
  return ok({ fields, ...(unknown !== undefined && { unknown: { key: unknown, known } }) });
}

function readTexts<K extends string>(fields: Fields, keys: readonly K[]): Result<Texts<K>> {
  const texts = Object.fromEntries(keys.map((key) => [key, ''])) as Record<K, string>;
  for (const key of keys) {
    const node = fields.get(key) ?? null;
    if (isNull(node)) continue;
    if (!isScalar(node)) return err(`${key} is not text; write one value, in quotes where in doubt`);
    texts[key] = goScalar(node);
  }
  return ok(texts);
}

function sorted(fields: Fields): [string, Node | null][] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
}

function isNull(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.tag === undefined && node.style === 'plain' && goScalar(node) === '');
}
