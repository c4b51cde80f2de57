/** The annotation `env-from`: a list of references to JSON objects, each key of which becomes a variable. */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { Refusal } from '../errors.ts';
import { echo } from './echo.ts';
import { VARIABLE_NAME } from './env.ts';
import { type Reading, referenceRefusal } from './files.ts';
import { type Fields, fieldReader } from './mapping.ts';
import type { Output } from './outputs.ts';
import { bad, good, type Parsed } from './parsed.ts';
import { parseReference } from './reference.ts';
import { nearest } from './spelling.ts';
import { parseWhole, readText } from './text-map.ts';
import type { Tree } from './yaml.ts';

const KEYS = ['from', 'prefix'];
const LATER = ['path', 'tags', 'optional', 'default', 'type', 'expand'];

type From = { readonly from: string; readonly prefix: string };

/** Reads the annotation's text. */
export function parseEnvFrom(text: string, region: string | undefined): Reading {
  const list = readList(text);
  if (!list.ok) return { outputs: [], refusals: [new Refusal('ASI_ADMIT_INVALID_VALUE', `env-from: ${list.problem}`)] };
  const outputs: Output[] = [];
  const refusals: Refusal[] = [];
  if (list.value.length === 0) {
    const message = 'env-from: is an empty list; name at least one JSON object, or remove the annotation';
    refusals.push(new Refusal('ASI_ADMIT_EMPTY', message));
  }
  for (const [index, entry] of list.value.entries()) {
    const label = `entry ${index + 1}`;
    if (entry instanceof Refusal) {
      refusals.push(new Refusal(entry.code, `env-from: ${label} ${entry.message}`));
      continue;
    }
    const parsed = parseReference(entry.from, region);
    if (!parsed.ok) refusals.push(referenceRefusal('env-from', label, entry.from, parsed.problem));
    else
      outputs.push({
        annotation: 'env-from',
        label: entry.from,
        kind: 'expansion',
        prefix: entry.prefix,
        ...parsed.value,
      });
  }
  return { outputs, refusals };
}

function readList(text: string): Parsed<(From | Refusal)[]> {
  const tree = parseWhole(text);
  if (!tree.ok) return tree;
  const { root } = tree.value;
  if (root === null) return good([]);
  if (!isSeq(root)) return bad('is not a YAML list; write each reference as an entry with "- " first');
  const read = fieldReader(tree.value);
  return good(root.items.map((item) => readEntry(tree.value.follow(item), tree.value, read)));
}

function readEntry(node: Node | null, tree: Tree, read: ReturnType<typeof fieldReader>): From | Refusal {
  if (!isMap(node)) return readFrom(node, null, tree);
  const fields = read(node);
  if (!fields.ok) return new Refusal('ASI_ADMIT_INVALID_VALUE', `has a problem: ${fields.problem}; write its keys out`);
  return (
    checkKeys(fields.value) ?? readFrom(fields.value.get('from') ?? null, fields.value.get('prefix') ?? null, tree)
  );
}

function checkKeys(fields: Fields): Refusal | undefined {
  const key = [...fields.keys()].find((candidate) => !KEYS.includes(candidate));
  if (key === undefined) return undefined;
  if (LATER.includes(key)) {
    const message = `has the key ${key}, which is not supported by this version yet; remove it`;
    return new Refusal('ASI_ADMIT_NOT_SUPPORTED_YET', message);
  }
  const guess = nearest(key, KEYS);
  const fix = guess === undefined ? 'the keys are from and prefix' : `did you mean ${guess}?`;
  return new Refusal('ASI_ADMIT_INVALID_VALUE', `has the unknown key "${echo(key)}"; ${fix}`);
}

function readFrom(node: Node | null, prefixNode: Node | null, tree: Tree): From | Refusal {
  const from = readText(node, tree);
  if (!from.ok) return new Refusal('ASI_ADMIT_INVALID_VALUE', from.problem);
  const prefix = prefixNode === null ? '' : isScalar(prefixNode) ? String(prefixNode.value) : '-';
  if (prefix === '' || VARIABLE_NAME.test(prefix)) return { from: from.value, prefix };
  const message = 'has a prefix that no variable can start with; use letters, digits and "_", not a digit first';
  return new Refusal('ASI_ADMIT_INVALID_VARIABLE', message);
}
