/** What the workflows may run with rights that reach users. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';

const WORKFLOWS = join(import.meta.dirname, '../../.github/workflows');

type Workflow = {
  readonly defaults: unknown;
  readonly jobs: Record<string, { readonly steps: readonly { readonly uses?: string }[] }>;
};

async function read(name: string): Promise<Workflow> {
  return parse(await readFile(join(WORKFLOWS, name), 'utf8'));
}

t.test('nobody moves a tag under an action that publishes or signs', async (t) => {
  const { jobs } = await read('release.yaml');
  const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  t.ok(used.length > 8);
  for (const action of used) t.match(action, /@[0-9a-f]{40}$/);
});

t.test('a release stops where any command of a pipe fails', async (t) => {
  t.match(await read('release.yaml'), { defaults: { run: { shell: 'bash' } } });
});
