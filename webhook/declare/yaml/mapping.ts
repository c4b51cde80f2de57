/** Keys and values of a YAML mapping, merges (`<<`) done as Go's parser does them. */
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { bad, good, type Parsed } from '../parsed.ts';
import type { Tree } from './yaml.ts';

export type Fields = ReadonlyMap<string, Node | null>;

/** Far above any list that fits an annotation, far below what merges of merges can ask for. */
const MOST_MERGES = 32;

/** Of all mappings together: far more than any document holds, unless it merges the same ones again and again. */
const MOST_KEYS = 100_000;

/** Reads mappings of one document. They share a budget of merged keys, which a YAML bomb uses up. */
export function fieldReader(tree: Tree): (map: YAMLMap) => Parsed<Fields> {
  let budget = MOST_KEYS;

  function collect(map: YAMLMap, into: Map<string, Node | null>, depth: number): string | undefined {
    if (depth > MOST_MERGES) return 'it merges too much';
    for (const { key, value } of map.items) {
      const name = tree.follow(key);
      if (!isScalar(name)) return 'a mapping has a key that is no text';
      if (budget-- <= 0) return 'it merges too much';
      const problem = add(name, tree.follow(value), into, depth);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  function add(key: Scalar, value: Node | null, into: Map<string, Node | null>, depth: number): string | undefined {
    const text = String(key.value);
    if (text === '<<' && key.type === 'PLAIN') return merge(value, into, depth + 1);
    into.set(text, value);
    return undefined;
  }

  function merge(node: Node | null, into: Map<string, Node | null>, depth: number): string | undefined {
    if (isMap(node)) return collect(node, into, depth);
    if (!isSeq(node)) return 'map merge requires map or sequence of maps as the value';
    for (const item of node.items.toReversed()) {
      const map = tree.follow(item);
      if (!isMap(map)) return 'map merge requires map or sequence of maps as the value';
      const problem = collect(map, into, depth);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  return (map) => {
    const fields = new Map<string, Node | null>();
    const problem = collect(map, fields, 0);
    return problem === undefined ? good(fields) : bad(problem);
  };
}
