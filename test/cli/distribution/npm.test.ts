/** Installs the package for npm in an empty folder, and runs it from there. */
import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const MANIFEST = resolve('test/fixtures/cli/lint/typo.yaml');

t.test('the package has the program and nothing to install besides', async (t) => {
  const folder = t.testdir({ 'package.json': '{"private":true}' });
  await run('node', [resolve('.github/scripts/package-cli.ts')], { cwd: resolve('.') });
  const { stdout } = await run('npm', ['pack', resolve('dist/npm'), '--json'], { cwd: folder });
  const [{ filename, files }] = JSON.parse(stdout);
  t.same(
    files.map(({ path }: { path: string }) => path).filter((path: string) => !/^cli(-\w+)?\.mjs$/.test(path)),
    ['LICENSE', 'README.md', 'package.json'],
  );
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', filename], { cwd: folder });
  t.same(
    readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['aws-secrets-injector'],
  );

  copyFileSync(MANIFEST, join(folder, 'typo.yaml'));
  const linted = run('npx', ['--offline', 'aws-secrets-injector', 'lint', '-f', 'typo.yaml'], { cwd: folder });
  await t.rejects(linted, { code: 1, stdout: /^typo\.yaml:\d+:\d+: error: / });
});

t.test('a version of Node.js that is too old is refused with what to use', async (t) => {
  const old = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`;
  const linted = run('node', ['--import', old, resolve('dist/cli.mjs'), 'lint', '-f', MANIFEST]);
  await t.rejects(linted, {
    code: 2,
    stdout: '',
    stderr:
      /^aws-secrets-injector: Node\.js 20\.20\.2 is too old\. Use Node\.js 22 or newer, or the file of the release for your platform/,
  });
});
