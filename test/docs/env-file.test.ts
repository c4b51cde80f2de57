/** The recipes of env files in docs/recipes.md, each read by the reader that it names. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { readPages } from '../../docs/scripts/pages.ts';
import { encodeEnvFile } from '../../injector/environment/env-file.ts';
import { Secret } from '../../injector/secret.ts';
import { declare } from '../../webhook/declare/declare.ts';
import { CONTEXT } from '../webhook/support/context.ts';

const VALUE = 'o\'clock $HOME "#1"';
const PRINT = 'process.stdout.write(process.env.DB_PASSWORD ?? "(unset)")';

const [, page = ''] = [...readPages()].find(([path]) => basename(path) === 'recipes.md') ?? [];
const [, section = ''] = page.split('## An env file');
const recipes = [...(section.split('\n## ')[0] ?? '').matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, yaml = '']) => parse(yaml) as Record<string, string>,
);

/** Returns the env file of a recipe: its format, and its content for a value that each format writes in its own way. */
function written(recipe: Record<string, string>) {
  const result = declare(recipe, CONTEXT);
  const { format = 'docker', path = '' } = (result.ok && result.declaration.envFile) || {};
  const { content } = encodeEnvFile(format, [{ name: 'DB_PASSWORD', value: new Secret(VALUE) }]);
  return { format, name: basename(path), content: content.reveal() };
}

t.test('each recipe of an env file has the format of its reader', async (t) => {
  t.strictSame(
    recipes.map((recipe) => written(recipe).format),
    ['shell', 'dotenv', 'python-dotenv'],
  );
});

t.test('a shell and Node.js read the files of their recipes', async (t) => {
  const [shell = {}, node = {}] = recipes.map(written);
  const folder = t.testdir({});
  for (const { name = '', content = Buffer.of() } of [shell, node] as Partial<ReturnType<typeof written>>[])
    writeFileSync(join(folder, name), content);
  const options = { env: {}, encoding: 'utf8', cwd: folder } as const;
  const script = `set -a; . ./shop.env; exec "$0" -e '${PRINT}'`;
  t.equal(execFileSync('/bin/sh', ['-c', script, process.execPath], options), VALUE);
  t.equal(execFileSync(process.execPath, ['--env-file=.env', '-e', PRINT], options), VALUE);
});
