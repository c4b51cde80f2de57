import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Secret } from '../../injector/secret.ts';
import { writeFiles } from '../../injector/write.ts';

const file = (path: string, content = 'new', mode = 0o444) => ({ path, mode, content: new Secret(content) });

const mode = (path: string) => lstatSync(path).mode & 0o7777;

t.test('writes exact modes and folders whatever the umask', async (t) => {
  const directory = t.testdir({});
  const before = process.umask(0o077);
  t.teardown(() => process.umask(before));
  t.strictSame(writeFiles(directory, [file('a/b/c', 'x', 0o666), file('d', 'y', 0o000)]), []);
  t.equal(mode(join(directory, 'a/b/c')), 0o666);
  t.equal(mode(join(directory, 'd')), 0o000);
  t.equal(mode(join(directory, 'a')), 0o755);
  t.equal(mode(join(directory, 'a/b')), 0o755);
});

t.test('folders keep the set-group-ID bit that an fsGroup brings', async (t) => {
  const directory = t.testdir({ volume: {} });
  const volume = join(directory, 'volume');
  chmodSync(volume, 0o2777);
  t.strictSame(writeFiles(volume, [file('a/b')]), []);
  t.equal(mode(join(volume, 'a')), 0o2755);
});

t.test('replaces a file of an earlier run by another inode, so that a reader keeps the old one whole', async (t) => {
  const directory = t.testdir({});
  writeFiles(directory, [file('a', 'old', 0o400)]);
  const before = statSync(join(directory, 'a')).ino;
  t.strictSame(writeFiles(directory, [file('a', 'new', 0o400)]), []);
  t.not(statSync(join(directory, 'a')).ino, before);
  t.equal(readFileSync(join(directory, 'a'), 'utf8'), 'new');
  t.strictSame(readdirSync(directory), ['a']);
});

t.test('writes nothing where one file has an obstacle, and names all of them', async (t) => {
  const directory = t.testdir({ folder: {}, plain: 'old' });
  const failures = writeFiles(directory, [file('fine'), file('folder'), file('plain/below'), file('plain', 'new')]);
  t.strictSame(
    failures.map(({ code, subject }) => `${code} ${subject}`),
    ['ASI_OUT_UNSAFE folder', 'ASI_OUT_UNSAFE plain/below'],
  );
  t.strictSame(readdirSync(directory).sort(), ['folder', 'plain']);
  t.equal(readFileSync(join(directory, 'plain'), 'utf8'), 'old');
});

t.test('follows no symbolic link, neither as a file nor as a folder', async (t) => {
  const directory = t.testdir({ outside: { target: 'untouched' }, volume: {} });
  const volume = join(directory, 'volume');
  symlinkSync('../outside/target', join(volume, 'link'));
  symlinkSync('../outside', join(volume, 'folder'));
  const failures = writeFiles(volume, [file('link'), file('folder/target'), file('folder/fresh')]);
  t.strictSame(
    failures.map(({ code }) => code),
    ['ASI_OUT_UNSAFE', 'ASI_OUT_UNSAFE', 'ASI_OUT_UNSAFE'],
  );
  t.equal(readFileSync(join(directory, 'outside/target'), 'utf8'), 'untouched');
  t.notOk(existsSync(join(directory, 'outside/fresh')));
});

t.test('removes what a killed run staged, and nothing else', async (t) => {
  const directory = t.testdir({
    '.aws-secrets-injector.0a1b': 'half',
    other: 'kept',
    sub: { '.aws-secrets-injector.ff': '' },
  });
  t.strictSame(writeFiles(directory, [file('sub/a')]), []);
  t.strictSame(readdirSync(directory, { recursive: true }).sort(), ['other', 'sub', 'sub/a']);
});

/** Runs the command where the directory is a volume of 64 KiB, mounted for the command alone. */
const inSmallVolume = (directory: string, command: string[]) => {
  const mounted = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"';
  const script = 'mounted=$1; shift; exec unshare -rm sh -c "$mounted" "$@"';
  return spawnSync('sh', ['-c', script, 'sh', mounted, directory, ...command], { encoding: 'utf8' });
};

const cannotMount = inSmallVolume(t.testdir({}), ['true']).status !== 0 && 'needs a user namespace that may mount';

t.test('a volume that is too small says so, and stays as it was', { skip: cannotMount }, async (t) => {
  const program = `
    import { readdirSync } from 'node:fs';
    import { Secret } from './injector/secret.ts';
    import { writeFiles } from './injector/write.ts';
    const file = (path, size) => ({ path, mode: 0o444, content: new Secret('x'.repeat(size)) });
    const directory = process.argv[1];
    writeFiles(directory, [file('a', 1)]);
    const failures = writeFiles(directory, [file('a', 2), file('deep/b', 100_000)]);
    console.log(JSON.stringify([failures, readdirSync(directory)]));`;
  const directory = t.testdir({});
  const { stdout, stderr } = inSmallVolume(directory, [
    process.execPath,
    '--input-type=module',
    '-e',
    program,
    directory,
  ]);
  t.match(stdout, /ASI_OUT_NO_SPACE.*ENOSPC.*100002 bytes.*\["a"\]\]/, stderr);
});
