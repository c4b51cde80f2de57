/** Walks through the members of a plain value, and changes one of them, for tests of schemas. */

export type Path = readonly (string | number)[];

/** Returns the paths of all values inside a value, each with the value there. */
export function pathsIn(value: unknown, path: Path = []): [path: Path, value: unknown][] {
  const members = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  return [[path, value], ...members.flatMap(([name, member]) => pathsIn(member, [...path, name]))];
}

/** Returns a copy of the value, with another member at the path. */
export function changed(value: object, path: Path, member: unknown): object {
  const copy = structuredClone(value);
  const parent = path.slice(0, -1).reduce((at: unknown, name) => (at as Record<string, unknown>)[name], copy);
  Object.assign(parent as object, { [path.at(-1) ?? '']: member });
  return copy;
}
