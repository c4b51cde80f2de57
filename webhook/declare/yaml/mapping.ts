/** Reads the keys and values of a YAML mapping, and merges (`<<`) as Go's parser does. */
import { err, ok, type Result } from '../result.ts';
import { isMapping, isScalar, isSequence, type Mapping, type Node, type Scalar } from './tree.ts';

export type Fields = ReadonlyMap<string, Node | null>;

/** Returns the values of a mapping by their keys. If a key occurs twice, its last value counts. */
export function readFields(mapping: Mapping): Result<Fields> {
  const fields = new Map<string, Node | null>();
  const problem = collect(mapping, fields);
  return problem === undefined ? ok(fields) : err(problem);
}

function collect({ pairs }: Mapping, into: Map<string, Node | null>): string | undefined {
  for (const { key, value } of pairs) {
    if (!isScalar(key)) return 'a mapping has a key that is not text';
    const problem = isMerge(key) ? merge(value, into) : undefined;
    if (problem !== undefined) return problem;
    if (!isMerge(key)) into.set(key.text, value);
  }
  return undefined;
}

function isMerge({ text, style }: Scalar): boolean {
  return text === '<<' && style === 'plain';
}

function merge(node: Node | null, into: Map<string, Node | null>): string | undefined {
  const mappings = isSequence(node) ? node.items.toReversed() : [node];
  for (const mapping of mappings) {
    if (!isMapping(mapping)) return 'map merge requires map or sequence of maps as the value';
    const problem = collect(mapping, into);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
