/** Runs the compiled program as kubectl does, and what krew is given. */
import { execFile } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { krewManifest, PLATFORMS } from '../../../.github/scripts/krew.ts';
import { findTool } from '../../chart/support/helm.ts';
import { startDeveloper } from '../support/developer.ts';

const run = promisify(execFile);
const PROGRAM = resolve('dist/kubectl-aws_secrets');
const FIXTURES = resolve('test/fixtures/cli/lint');

/** Runs kubectl with the program on its path under both names. */
async function kubectl(t: Test, args: readonly string[]): Promise<string> {
  const folder = t.testdir({});
  for (const name of ['kubectl-aws_secrets', 'kubectl_complete-aws_secrets']) symlinkSync(PROGRAM, join(folder, name));
  const tool = await findTool('kubectl');
  const PATH = `${folder}:${dirname(tool)}:${process.env['PATH']}`;
  return (await run(tool, args, { cwd: FIXTURES, env: { PATH, HOME: folder } })).stdout;
}

t.test('kubectl aws-secrets runs the program, whose help has that name', async (t) => {
  t.match(await kubectl(t, ['aws-secrets', 'lint', '-f', 'fine.yaml']), /checked: nothing wrong\.\n$/);
  t.match(await kubectl(t, ['aws-secrets', 'lint', '--help']), '  kubectl aws-secrets lint -f manifests/\n');
});

t.test('kubectl completes the words after aws-secrets', async (t) => {
  t.match(await kubectl(t, ['__complete', 'aws-secrets', 'lint', '-o', 'g']), /^github\b.*\n:4\n/);
});

t.test('the compiled program runs a command with the files of the pod, and leaves nothing behind', async (t) => {
  const { aws, start } = await startDeveloper(t);
  aws.setSecret({ name: 'shop/db', value: '{"username":"shop","password":"pass word","port":1}' });
  aws.setParameter({ name: '/shop/api-key', value: 'key', type: 'String' });
  const script = 'cat "$AWS_SECRETS_INJECTOR_ROOT/etc/app/password"; echo; echo "$DB_PASSWORD"; exit 3';
  const { code, out, err } = await start(['exec', '-f', 'web.yaml', '--', 'sh', '-c', script], {}, PROGRAM).finished;
  t.equal(code, 3, err);
  t.equal(out, 'pass word\npass word\n');
  t.notOk(existsSync(/ROOT=([^,]+)/.exec(err)?.[1] ?? '/'));
});

t.test('krew finds the archive of each platform by its digest', async (t) => {
  const digests = Object.fromEntries(PLATFORMS.map(({ name }, index) => [name, String(index).repeat(64)]));
  const { metadata, spec } = parse(krewManifest({ version: '1.2.3', repository: 'owner/name', digests }));
  t.same(metadata, { name: 'aws-secrets' });
  t.equal(spec.version, 'v1.2.3');
  t.match(spec.platforms[3], {
    selector: { matchLabels: { os: 'darwin', arch: 'arm64' } },
    uri: 'https://github.com/owner/name/releases/download/v1.2.3/kubectl-aws_secrets-darwin-arm64.tar.gz',
    sha256: '3'.repeat(64),
    bin: 'kubectl-aws_secrets',
  });
});

t.test('krew is given no manifest while a digest is missing', async (t) => {
  t.throws(
    () => krewManifest({ version: '1.2.3', repository: 'owner/name', digests: {} }),
    /linux-x64\.tar\.gz has no digest/,
  );
});
