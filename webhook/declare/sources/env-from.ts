/** Reads the annotation `env-from`: a list of references to JSON objects or to paths. Each key of them becomes a variable. */

import type { RenameStep } from '../../../injector/contract/rename.ts';
import { isIdentifier } from '../../../injector/contract/variables.ts';
import { isRefusal, type Refusal, refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { SEARCH_KEYS } from '../objects/descriptor-yaml.ts';
import { labelOf, readSource } from '../objects/object-search.ts';
import type { Output, Reading, SearchOutput, SearchSource } from '../outputs.ts';
import { warnOfSlash } from '../references/meant.ts';
import { parsePath, parseReference } from '../references/reference.ts';
import { withoutQuotes } from '../references/reference-value.ts';
import { readRename } from '../rename.ts';
import { err, ok, type Result } from '../result.ts';
import { type Scope, withFailover } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { readFlag, unknownKey } from '../yaml/leniency.ts';
import { type Fields, readFields } from '../yaml/mapping.ts';
import { parseWhole, readText } from '../yaml/text-map.ts';
import { isMapping, isScalar, isSequence, type Node } from '../yaml/tree.ts';
import { referenceRefusal } from './files.ts';

const KEYS = ['from', 'search', 'prefix', 'names', 'exclude', 'rename', 'optional'];

/** An entry has at most so many patterns, each of so many characters: the injector compares every key with every pattern. */
const MOST_EXCLUDED = 100;
const LONGEST_EXCLUDED = 512;

type Naming = { readonly names?: 'upper'; readonly exclude?: string[] };
type From = Naming & {
  /** A reference, or the keys of a search. */
  readonly from: string | SearchSource;
  readonly prefix: string;
  readonly rename?: RenameStep[];
  readonly optional?: true;
};

/** Reads the text of `env-from`. Each mistake becomes a refusal. */
export function parseEnvFrom(text: string, scope: Scope, budget: Budget): Reading {
  const list = readList(text, budget);
  if (!list.ok) return { outputs: [], refusals: [refusal('ASI_ADMIT_INVALID_VALUE', `env-from: ${list.problem}`)] };
  const outputs: Output[] = [];
  const searches: SearchOutput[] = [];
  const refusals: Refusal[] = [];
  if (list.value.length === 0) {
    const message = 'env-from: is an empty list; name at least one JSON object, or remove the annotation';
    refusals.push(refusal('ASI_ADMIT_EMPTY', message));
  }
  for (const [index, node] of list.value.entries()) {
    if (refusals.length > MOST_REFUSALS) break;
    const entry = readEntry(node, budget);
    const label = `entry ${index + 1}`;
    if (isRefusal(entry)) {
      refusals.push(refusal(entry.code, `env-from: ${label} ${entry.message}`));
      continue;
    }
    const made = toOutput(entry, scope, budget);
    if (!made.ok) refusals.push(referenceRefusal('env-from', label, String(entry.from), made.problem));
    else if ('search' in made.value) searches.push(made.value);
    else outputs.push(made.value);
  }
  return { outputs, searches, refusals, warnings: outputs.flatMap(({ label }) => warnOfSlash('env-from', label)) };
}

function toOutput({ from, ...part }: From, scope: Scope, budget: Budget): Result<Output | SearchOutput> {
  const kind = 'expansions' as const;
  if (typeof from !== 'string') {
    const { failoverRegion } = scope;
    const search = { ...from, ...(failoverRegion !== undefined && { failoverRegion }) };
    return ok({ annotation: 'env-from', label: labelOf(from), kind, search, part });
  }
  const base = { annotation: 'env-from', label: from, kind } as const;
  const path = parsePath(from);
  if (path?.ok === false) return path;
  if (path !== undefined) return ok({ ...base, search: searchBelow(path.value, scope), part });
  const parsed = parseReference(from, scope.region, budget);
  if (!parsed.ok) return parsed;
  const { source, ...inner } = parsed.value;
  return ok({ ...base, source: withFailover(source, scope), part: { ...part, ...inner } });
}

function searchBelow(path: string, { failoverRegion }: Scope): SearchSource & { readonly service: 'ssm' } {
  return { service: 'ssm', path, ...(failoverRegion !== undefined && { failoverRegion }) };
}

function readList(text: string, budget: Budget): Result<readonly (Node | null)[]> {
  const tree = parseWhole(text, budget);
  if (!tree.ok) return tree;
  const { root } = tree.value;
  if (root === null) return ok([]);
  return isSequence(root)
    ? ok(root.items)
    : err('is not a YAML list; write each reference as an entry with "- " first');
}

function readEntry(node: Node | null, budget: Budget): From | Refusal {
  const unquoted = isMapping(node) ? withoutQuotes(node, KEYS) : undefined;
  if (unquoted !== undefined) return { from: unquoted, prefix: '' };
  const fields = isMapping(node) ? readFields(node) : ok<Fields>(new Map([['from', node]]));
  if (!fields.ok) return refusal('ASI_ADMIT_INVALID_VALUE', `has a problem: ${fields.problem}; write its keys out`);
  const unknown = unknownKey(fields.value, KEYS);
  if (unknown !== undefined) return refusal('ASI_ADMIT_INVALID_VALUE', unknown);
  const optional = readFlag(fields.value, 'optional');
  if (!optional.ok) return refusal('ASI_ADMIT_INVALID_VALUE', optional.problem);
  const from = readFrom(fields.value, budget);
  if (!from.ok) return refusal('ASI_ADMIT_INVALID_VALUE', from.problem);
  const prefix = readPrefix(fields.value.get('prefix') ?? null);
  if (prefix === undefined) {
    const message = 'has a prefix that no variable can start with; use letters, digits and "_", not a digit first';
    return refusal('ASI_ADMIT_INVALID_VARIABLE', message);
  }
  const naming = readNaming(fields.value);
  if (!naming.ok) return refusal('ASI_ADMIT_INVALID_VALUE', naming.problem);
  const rename = readRename(fields.value, budget, fields.value.has('search'));
  if (!rename.ok) return refusal('ASI_ADMIT_INVALID_VALUE', rename.problem);
  return {
    from: from.value,
    prefix,
    ...naming.value,
    ...(rename.value && { rename: rename.value }),
    ...(optional.value && { optional: true }),
  };
}

function readFrom(fields: Fields, budget: Budget): Result<string | SearchSource> {
  const node = fields.get('search') ?? null;
  if (node === null) return readText(fields.get('from') ?? null);
  if (fields.has('from')) return err('has search beside from; write one of them');
  const keys = isMapping(node) ? readFields(node) : err('is no mapping');
  if (!keys.ok || keys.value.size === 0) {
    return err('has a search without keys; write it like search: {prefix: shop/}');
  }
  const unknown = unknownKey(keys.value, SEARCH_KEYS);
  if (unknown !== undefined) return err(`has a problem in search: it ${unknown}`);
  return readSource(keys.value, budget);
}

function readPrefix(node: Node | null): string | undefined {
  if (node === null) return '';
  const text = isScalar(node) ? node.text : '-';
  return text === '' || isIdentifier(text) ? text : undefined;
}

function readNaming(fields: Fields): Result<Naming> {
  const [names, exclude] = [fields.get('names') ?? null, fields.get('exclude') ?? null];
  if (names !== null && !(isScalar(names) && names.text === 'upper')) {
    return err('has unknown names; write names: upper, or remove names');
  }
  const patterns = exclude === null ? ok(undefined) : readExclude(exclude);
  if (!patterns.ok) return patterns;
  return ok({ ...(names !== null && { names: 'upper' as const }), ...(patterns.value && { exclude: patterns.value }) });
}

function readExclude(node: Node): Result<string[]> {
  if (!isSequence(node))
    return err('has an exclude that is not a list; write keys, like exclude: [debug, "internal-*"]');
  if (node.items.length > MOST_EXCLUDED) {
    return err(`excludes more than ${MOST_EXCLUDED} keys; write patterns with *, or name the variables in env`);
  }
  const patterns: string[] = [];
  for (const item of node.items) {
    const text = readText(item, { thing: 'key', example: '"internal-*"' });
    if (!text.ok) return err(`has a problem in exclude: an entry ${text.problem}`);
    if (text.value.length > LONGEST_EXCLUDED)
      return err(`excludes a key of more than ${LONGEST_EXCLUDED} characters; use *`);
    patterns.push(text.value);
  }
  return ok(patterns);
}
