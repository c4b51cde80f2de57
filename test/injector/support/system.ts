/** Looks at the calls that the code makes to the system, and answers some of them as a test wants it. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Test } from 'tap';

type Call = (...args: never[]) => unknown;

/**
 * Puts functions around functions of node:fs until the test is over. Each gets the function that it stands for; with `undefined`
 * in its place, the call is as ever.
 */
export function aroundFiles(t: Test, around: Readonly<Record<string, (real: Call) => Call>>): void {
  const members = fs as unknown as Record<string, Call>;
  const before = Object.keys(around).map((name) => [name, members[name] as Call] as const);
  const set = (functions: Iterable<readonly [string, Call]>) => {
    for (const [name, value] of functions) members[name] = value;
    syncBuiltinESMExports();
  };
  set(before.map(([name, real]) => [name, around[name]?.(real) ?? real]));
  t.teardown(() => set(before));
}

/** Returns the calls of these functions of node:fs, as they come, each with a name for every descriptor and path. */
export function watchFiles(t: Test, names: readonly string[], nameOf: (path: string) => string): string[] {
  const calls: string[] = [];
  const open = new Map<unknown, string>();
  const text = (value: unknown) => open.get(value) ?? (typeof value === 'string' ? nameOf(value) : undefined);
  const record =
    (name: string) =>
    (real: Call): Call =>
    (...args) => {
      const numbers = (args as unknown[]).slice(1).filter((each) => typeof each === 'number' && name !== 'writeSync');
      const paths = (args as unknown[]).map(text).filter((each) => each !== undefined);
      const result = real(...args);
      calls.push([name, ...paths, ...numbers.map((each) => (each as number).toString(8))].join(' '));
      if (name === 'openSync') open.set(result, paths[0] ?? '');
      return result;
    };
  aroundFiles(t, Object.fromEntries(names.map((name) => [name, record(name)])));
  return calls;
}
