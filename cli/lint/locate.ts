/** Finds the place in a file that a refusal of the webhook is about, by the names in its message. */
import { isScalar } from 'yaml';
import { isMembers } from '../../injector/contract/members.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import type { Template } from '../manifests/find.ts';
import { type Manifest, nodeAt, offsetOf, type Path, type Position, positionAt, sourceOf } from '../manifests/parse.ts';

/**
 * Returns the place that a message about a pod is about: the entry of an annotation, the annotation, the container or the volume
 * that it names, or else the template.
 */
export function locate({ owner, path, metadata, spec }: Template, message: string): Position {
  const { manifest } = owner;
  const { annotations } = metadata;
  const at = (inside: Path) => positionAt(manifest.lines, offsetOf(manifest, [...path, ...inside]));
  const key = isMembers(annotations) ? annotationIn(Object.keys(annotations), message) : undefined;
  if (key !== undefined) {
    const inside = [...path, 'metadata', 'annotations', key];
    return positionAt(manifest.lines, offsetIn(manifest, inside, message));
  }
  return at(elementIn(spec, message) ?? ['metadata', 'annotations']);
}

/** Returns the place of the key of an annotation or label: the text of its own, not that of its value. */
export function locateKey(manifest: Manifest, map: Path, key: string): Position {
  const node = nodeAt(manifest, map);
  const pairs = node !== undefined && 'items' in node ? (node.items as { readonly key?: unknown }[]) : [];
  const found = pairs.map(({ key }) => key).find((one) => isScalar(one) && one.value === key);
  const offset = isScalar(found) ? found.range?.[0] : undefined;
  return positionAt(manifest.lines, offset ?? offsetOf(manifest, map));
}

/** Messages about an annotation begin with its name. Others may give its whole key. */
function annotationIn(keys: readonly string[], message: string): string | undefined {
  const [, name = ''] = /^(\S+?):? /.exec(message) ?? [];
  const own = [PREFIX + name, name].find((key) => keys.includes(key));
  if (own !== undefined) return own;
  const named = message.match(/aws-secrets-injector\.dev\/[a-z-]+/g) ?? [];
  return named.find((key) => keys.includes(key));
}

/** Matches the entry of an annotation that a message names. A line behind it is one of the entry's own text. */
const LABEL = /^\S+ (?:"((?:[^"\\]|\\.)+)"|(?!is not YAML: )(.+?): (?:line \d+:|the reference ))/;

/** Returns whether a line of YAML begins with the key, in quotes or not. */
function isKey(line: string, key: string): boolean {
  const start = line.replace(/^[\s{"'-]+/, '');
  return start.startsWith(key) && /^["']?\s*:/.test(start.slice(key.length));
}

/** Returns the offset of the line or the entry of an annotation that the message names; else that of its value. */
function offsetIn(manifest: Manifest, path: Path, message: string): number {
  const source = sourceOf(manifest, path);
  if (source === undefined) return offsetOf(manifest, path);
  const lines = linesOf(source.text);
  const [, number] = /\bline (\d+)/.exec(message) ?? [];
  const [, quoted, label = quoted] = LABEL.exec(message) ?? [];
  const isBlock = /^[|>]/.test(source.text);
  // The end of a text may be the place of a mistake, and it has no line of its own.
  const line =
    label !== undefined
      ? (lines.find(({ text }) => isKey(text, label)) ?? lines.find(({ text }) => text.includes(label)))
      : number !== undefined && isBlock
        ? lines.slice(0, Number(number) + 1).findLast(({ text }) => text.trim() !== '')
        : undefined;
  if (line === undefined) return source.offset;
  const column = label === undefined ? line.text.search(/\S/) : line.text.indexOf(label);
  return source.offset + line.offset + Math.max(column, 0);
}

function linesOf(text: string): { readonly text: string; readonly offset: number }[] {
  let offset = 0;
  return text.split('\n').map((line) => {
    const start = offset;
    offset += line.length + 1;
    return { text: line, offset: start };
  });
}

/** Returns the way inside the template to the container or volume that the message names. */
function elementIn(spec: Readonly<Record<string, unknown>>, message: string): Path | undefined {
  const [, kind = '', name] = /(container|volume) "?([a-z0-9.-]+)"?/i.exec(message) ?? [];
  const lists = kind.toLowerCase() === 'volume' ? ['volumes'] : ['containers', 'initContainers'];
  for (const list of lists) {
    const elements: unknown = spec[list];
    const index = Array.isArray(elements) ? elements.findIndex((one) => isMembers(one) && one['name'] === name) : -1;
    if (index >= 0) return ['spec', list, index];
  }
  return undefined;
}
