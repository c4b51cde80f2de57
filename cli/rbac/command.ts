/** Runs `rbac`: reads the files, and prints the rights with which their pods make Kubernetes Secrets. */
import { stringify } from 'yaml';
import { readNeeds } from '../admission/needs.ts';
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import type { Format } from '../formats.ts';
import { EXIT, type Run } from '../shell.ts';
import { rightsOf } from './rights.ts';

export type RbacOptions = ReadOptions & { readonly output: Format<'rbac'> };

/** Exits with 1, and prints nothing, if a pod would be refused: its rights would not help. */
export const run: Run<RbacOptions> = async (options, shell) => {
  const inputs = shell.inputs(options.file);
  const { needs, problems } = await readNeeds(inputs, readWorld(inputs, options, shell));
  for (const problem of problems) shell.err(`${problem}\n`);
  if (problems.length > 0) return EXIT.findings;
  const items = rightsOf(needs);
  if (items.length === 0) {
    shell.err('Note: No pod in the files makes a Secret: that needs sync: "true", or the chart value syncSecrets.\n');
    return EXIT.fine;
  }
  shell.out(options.output === 'json' ? asJson(items) : items.map((item) => stringify(item)).join('---\n'));
  return EXIT.fine;
};

function asJson(items: readonly object[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2)}\n`;
}
