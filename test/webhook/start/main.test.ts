/** Tests the start of the image: the bundle that `npm run build` makes, with the options of Dockerfile.webhook. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

const ROOT = join(import.meta.dirname, '../../..');
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile.webhook'), 'utf8');

/** Loads a program with what was compiled of it, and prints whether V8 had to compile it anew. */
const LOAD = `
  import { readFileSync } from 'node:fs';
  import { loadProgram } from '${ROOT}/webhook/start/program.ts';
  const [text, compiled] = ['cjs', 'cache'].map((end) => readFileSync('${ROOT}/dist/webhook.' + end));
  process.stdout.write(String(loadProgram('${ROOT}/dist/webhook.cjs', text, compiled).isNew));
`;

/** Returns the options of Node.js in a line of the Dockerfile. */
function optionsIn(line: RegExp): string[] {
  const [, words = '[]'] = line.exec(DOCKERFILE) ?? [];
  return JSON.parse(words).filter((word: string) => word.startsWith('--'));
}

const options = optionsIn(/^CMD (\[.*\])$/m);

function node(args: readonly string[]) {
  return spawnSync(process.execPath, [...options, ...args], { env: {}, encoding: 'utf8' });
}

/** Copies the start and the bundle without what was compiled, and returns the folder. */
function withoutCache(t: Test): string {
  const folder = t.testdir({});
  for (const name of ['webhook.mjs', 'webhook.cjs']) copyFileSync(join(ROOT, 'dist', name), join(folder, name));
  return folder;
}

t.test('V8 takes what the build compiled', async (t) => {
  t.equal(node(['--input-type=module', '-e', LOAD]).stdout, 'false');
});

t.test('the image compiles with the options that it runs with', async (t) => {
  t.strictSame(optionsIn(/^RUN (\["node".*\])$/m), options);
});

t.test('the image has each file of the program', async (t) => {
  const [, copied = ''] =
    /^COPY --from=build (.*) \/app\/$/m.exec(DOCKERFILE.slice(DOCKERFILE.lastIndexOf('\nFROM'))) ?? [];
  const programs = readdirSync(join(ROOT, 'dist')).filter((name) => /^webhook.*js$/.test(name));
  t.ok(programs.length > 2);
  for (const name of programs) t.ok(copied.split(' ').includes(`/build/dist/${name}`), name);
});

t.test('starts where nothing was compiled', async (t) => {
  t.match(node([join(withoutCache(t), 'webhook.mjs')]), {
    status: 2,
    stderr: /AWS_SECRETS_INJECTOR_SETTINGS is not set/,
  });
});

t.test('starts where what was compiled is damaged', async (t) => {
  const folder = withoutCache(t);
  writeFileSync(
    join(folder, 'webhook.cache'),
    readFileSync(join(ROOT, 'dist/webhook.cache')).fill(7, 500_000, 600_000),
  );
  t.match(node([join(folder, 'webhook.mjs')]), { status: 2, stderr: /AWS_SECRETS_INJECTOR_SETTINGS is not set/ });
});
