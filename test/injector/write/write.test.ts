import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Secret } from '../../../injector/secret.ts';
import { explainWrite } from '../../../injector/write/explain.ts';
import { writeFiles } from '../../../injector/write/write.ts';

const file = (path: string, content = 'new', mode = 0o444, directory = '/') => ({
  directory,
  path,
  mode,
  content: new Secret(content),
});

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

t.test('writes into each directory below the root, or into none', async (t) => {
  const root = t.testdir({ volumes: { one: {}, two: { taken: {} } } });
  const both = [file('a', '1', 0o444, '/volumes/one'), file('a', '2', 0o444, '/volumes/two')];
  const blocked = writeFiles(root, [...both, file('taken', 'x', 0o444, '/volumes/two')]);
  t.match(blocked, [{ code: 'ASI_OUT_UNSAFE', subject: 'taken' }]);
  t.strictSame(readdirSync(root, { recursive: true }).sort(), [
    'volumes',
    'volumes/one',
    'volumes/two',
    'volumes/two/taken',
  ]);
  t.strictSame(writeFiles(root, both), []);
  t.strictSame(
    ['one', 'two'].map((name) => readFileSync(join(root, 'volumes', name, 'a'), 'utf8')),
    ['1', '2'],
  );
});

t.test('a directory that is not there is named, and nothing is written to the others', async (t) => {
  const root = t.testdir({ one: {} });
  const failures = writeFiles(root, [file('a', 'x', 0o444, '/one'), file('a', 'x', 0o444, '/gone')]);
  t.match(failures, [
    { code: 'ASI_OUT_WRITE', headline: '/gone could not be written, so nothing was.', cause: /ENOENT/ },
  ]);
  t.strictSame(readdirSync(join(root, 'one')), []);
});

t.test('a file that can not be renamed is reported with those that are new already', async (t) => {
  const directory = t.testdir({ a: 'old' });
  // Nothing stands at b when the obstacles are looked for. Staging b/c makes the folder that the rename of b then meets.
  const failures = writeFiles(directory, [file('a'), file('b'), file('b/c')]);
  t.strictSame(failures, [
    {
      code: 'ASI_OUT_PARTIAL',
      subject: 'b',
      headline: 'b could not be put in its place, and 1 of 3 files are new already.',
      cause: 'The system says EISDIR. New: a.',
    },
  ]);
  t.strictSame(readdirSync(directory), ['a']);
  t.equal(readFileSync(join(directory, 'a'), 'utf8'), 'new');
});

/** Writes two files in a process that can write 64 blocks of 512 or 1,024 bytes to a file, and prints the failures. */
const PROGRAM = `
  import { Secret } from './injector/secret.ts';
  import { writeFiles } from './injector/write/write.ts';
  const file = (path, content) => ({ directory: '/', path, mode: 0o444, content: new Secret(content) });
  const failures = writeFiles(process.argv[1], [file('a', 'new'), file('deep/b', 'x'.repeat(100_000))]);
  console.log(JSON.stringify(failures));`;

t.test('where the system takes only a part of a file, everything stays as it was', async (t) => {
  const directory = t.testdir({ a: 'old' });
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 64 && exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', PROGRAM, directory],
    { encoding: 'utf8' },
  );
  t.match(stdout, /"ASI_OUT_WRITE","subject":"deep\/b".*The system says EFBIG/, stderr);
  t.strictSame(readdirSync(directory), ['a']);
  t.equal(readFileSync(join(directory, 'a'), 'utf8'), 'old');
});

for (const code of ['ENOSPC', 'EDQUOT']) {
  t.test(`a full volume says how much room the files need (${code})`, async (t) => {
    const files = [file('a', 'xx'), file('deep/b', 'x'.repeat(100_000))];
    const error = Object.assign(new Error('write'), { code });
    t.strictSame(explainWrite(error, { path: 'deep/b', done: [] }, files), {
      code: 'ASI_OUT_NO_SPACE',
      subject: 'deep/b',
      headline: 'deep/b could not be written, so nothing was.',
      cause: `The volume is full (${code}): the files have 100002 bytes, and twice that is needed to replace them at once.`,
    });
  });
}

t.test('names five of the files that are new already, and counts the others', async (t) => {
  const paths = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const done = (count: number) =>
    explainWrite(
      new Error('rename'),
      { path: 'h', done: paths.slice(0, count) },
      paths.map((path) => file(path)),
    ).cause;
  t.equal(done(5), 'The system says unknown error. New: a, b, c, d, e.');
  t.equal(done(7), 'The system says unknown error. New: a, b, c, d, e and 2 more.');
});
