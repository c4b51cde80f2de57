/** Tests what a run does with the files that an earlier one wrote into the same volume. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Secret } from '../../../injector/secret.ts';
import { writeFiles } from '../../../injector/write/write.ts';

const file = (path: string, content = 'new') => ({
  directory: '/volume',
  path,
  mode: 0o400,
  content: new Secret(content),
});

/** A folder whose files only AWS names. */
const folder = (path: string) => ({ directory: '/volume', path, isFolder: true });

const filesIn = (root: string) => readdirSync(join(root, 'volume'), { recursive: true }).map(String).sort();

/** Writes the files in place of those of an earlier run, in a volume whose names come from AWS. */
const write = (root: string, ...paths: string[]) =>
  writeFiles(
    root,
    paths.map((path) => file(path)),
    [folder('')],
  );

t.test('removes the file of a key that is no more, and the folders that it leaves empty', async (t) => {
  const root = t.testdir({ volume: {} });
  write(root, 'a', 'deep/er/b', 'deep/c');
  t.strictSame(write(root, 'a', 'deep/c'), []);
  t.strictSame(filesIn(root), ['a', 'deep', 'deep/c']);
  write(root, 'a');
  t.strictSame(filesIn(root), ['a']);
});

t.test('writes a folder where a file was, and a file where a folder was', async (t) => {
  const root = t.testdir({ volume: {} });
  write(root, 'file', 'folder/er/x', 'folder/y');
  t.strictSame(write(root, 'file/er/x', 'folder'), []);
  t.strictSame(filesIn(root), ['file', 'file/er', 'file/er/x', 'folder']);
});

t.test('looks for files only where the names come from AWS', async (t) => {
  const root = t.testdir({ volume: { other: 'kept', of: { keys: { old: '' }, others: 'kept' } } });
  t.strictSame(writeFiles(root, [file('of/keys/new')], [folder('of/keys')]), []);
  t.strictSame(filesIn(root), ['of', 'of/keys', 'of/keys/new', 'of/others', 'other']);
});

t.test('removes a declared file that this run does not write, and the folders of it', async (t) => {
  const root = t.testdir({ volume: {} });
  const declared = ['always', 'certs/sometimes'].map((path) => ({ directory: '/volume', path }));
  writeFiles(root, [file('always'), file('certs/sometimes')], declared);
  t.strictSame(writeFiles(root, [file('always')], declared), []);
  t.strictSame(filesIn(root), ['always']);
  t.strictSame(writeFiles(root, [], declared), [], 'and the last one of a volume');
  t.strictSame(filesIn(root), []);
});

t.test('removes what a killed run staged in a folder that is no more', async (t) => {
  const root = t.testdir({ volume: { gone: { '.aws-secrets-injector.0a1b': 'half' }, empty: {} } });
  t.strictSame(write(root, 'a'), []);
  t.strictSame(filesIn(root), ['a']);
});

t.test('follows no symbolic link to a file that is no more', async (t) => {
  const root = t.testdir({ outside: { target: 'theirs', deep: { file: 'theirs' } }, volume: { stale: '' } });
  symlinkSync('../outside', join(root, 'volume/link'));
  symlinkSync('../outside/target', join(root, 'volume/file'));
  t.strictSame(write(root, 'a'), []);
  t.strictSame(readdirSync(join(root, 'volume')).sort(), ['a', 'file', 'link'], 'the injector makes no links');
  t.strictSame(readdirSync(join(root, 'outside'), { recursive: true }).sort(), ['deep', 'deep/file', 'target']);
});

t.test('looks into no folder that somebody replaced by a symbolic link', async (t) => {
  const root = t.testdir({ outside: { er: { theirs: 'x' }, theirs: 'x' }, volume: {} });
  const targets = [folder('deep'), folder('deep/er'), { directory: '/volume', path: 'deep/theirs' }];
  symlinkSync('../outside', join(root, 'volume/deep'));
  t.strictSame(writeFiles(root, [file('a')], targets), []);
  t.strictSame(readdirSync(join(root, 'outside'), { recursive: true }).sort(), ['er', 'er/theirs', 'theirs']);
});

t.test('refuses a folder in place of a file while it has something that the injector does not write', async (t) => {
  const root = t.testdir({ outside: {}, volume: {} });
  write(root, 'x/ours', 'y');
  symlinkSync('../../outside', join(root, 'volume/x/theirs'));
  t.match(write(root, 'x', 'y'), [{ code: 'ASI_OUT_UNSAFE', subject: 'x', cause: 'x is a folder.' }]);
  t.ok(statSync(join(root, 'outside')).isDirectory());
});

t.test('refuses to write through a link that took the place of a file', async (t) => {
  const root = t.testdir({ outside: {}, volume: {} });
  write(root, 'x');
  renameSync(join(root, 'volume/x'), join(root, 'volume/moved'));
  symlinkSync('../outside', join(root, 'volume/x'));
  t.match(write(root, 'x/y'), [{ code: 'ASI_OUT_UNSAFE', subject: 'x/y', cause: 'x is a symbolic link.' }]);
  t.strictSame(readdirSync(join(root, 'outside')), []);
});

t.test('leaves a pipe', async (t) => {
  const root = t.testdir({ volume: {} });
  const pipe = join(root, 'volume/pipe');
  spawnSync('sh', ['-c', 'mkfifo "$0"', pipe]);
  t.strictSame(write(root, 'a'), []);
  t.ok(statSync(pipe).isFIFO());
});

t.test('leaves files of another user, which the injector can not have written', async (t) => {
  const root = t.testdir({ volume: { theirs: { file: 'x' }, empty: {}, stale: '' } });
  const user = process.getuid?.() ?? 0;
  t.teardown(() => {
    process.getuid = () => user;
  });
  process.getuid = () => user + 1;
  write(root, 'a');
  t.strictSame(filesIn(root), ['a', 'empty', 'stale', 'theirs', 'theirs/file']);
});

t.test('keeps the old files where the new ones are the same', async (t) => {
  const root = t.testdir({ volume: {} });
  write(root, 'a', 'b/c');
  t.strictSame(write(root, 'a', 'b/c'), []);
  t.strictSame(filesIn(root), ['a', 'b', 'b/c']);
  t.equal(readFileSync(join(root, 'volume/b/c'), 'utf8'), 'new');
});

t.test('a volume that is not there and gets no file is no failure', async (t) => {
  const root = t.testdir({});
  t.strictSame(writeFiles(root, [], [folder('')]), []);
  t.notOk(existsSync(join(root, 'volume')));
  mkdirSync(join(root, 'volume'));
  t.strictSame(write(root, 'a'), []);
});
