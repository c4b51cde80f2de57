import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { file, publish, read } from '../support/volume.ts';

const generations = (root: string) => readdirSync(join(root, 'volume')).filter((name) => /^\.\.\d/.test(name));

t.test('lays the files out as the kubelet does, with their modes, whatever the umask', async (t) => {
  const root = t.testdir({ volume: {} });
  const before = process.umask(0o077);
  t.teardown(() => process.umask(before));
  const { changed, failures } = publish(root, [file('user', 'me', 0o400), file('deep/er/password', 'x', 0o644)]);
  t.strictSame(failures, []);
  t.strictSame(changed, ['user', 'deep/er/password']);
  t.equal(readlinkSync(join(root, 'volume/user')), '..data/user');
  t.equal(readlinkSync(join(root, 'volume/deep')), '..data/deep');
  t.strictSame(generations(root), [readlinkSync(join(root, 'volume/..data'))]);
  const mode = (path: string) => (statSync(join(root, 'volume', path)).mode & 0o7777).toString(8);
  t.strictSame(['user', 'deep/er/password', 'deep', '..data'].map(mode), ['400', '644', '755', '755']);
});

t.test('the folders keep the set-group-ID bit that an fsGroup brings', async (t) => {
  const root = t.testdir({ volume: {} });
  chmodSync(join(root, 'volume'), 0o2777);
  publish(root, [file('deep/a')]);
  t.strictSame(
    ['..data', 'deep'].map((path) => (statSync(join(root, 'volume', path)).mode & 0o7777).toString(8)),
    ['2755', '2755'],
  );
});

t.test('writes nothing if nothing is different', async (t) => {
  const root = t.testdir({ volume: {} });
  const files = [file('a', 'one'), file('deep/b', 'two', 0o640)];
  publish(root, files);
  const before = readlinkSync(join(root, 'volume/..data'));
  t.strictSame(publish(root, files), { changed: [], failures: [] });
  t.equal(readlinkSync(join(root, 'volume/..data')), before);
});

t.test('writes only the files that changed', async (t) => {
  const root = t.testdir({ volume: {} });
  publish(root, [file('a', 'one'), file('deep/b', 'two'), file('c', 'three', 0o444)]);
  const inode = statSync(join(root, 'volume/deep/b')).ino;
  const { changed } = publish(root, [file('a', 'ONE'), file('deep/b', 'two'), file('c', 'three', 0o440)]);
  t.strictSame(changed, ['a', 'c']);
  t.equal(statSync(join(root, 'volume/deep/b')).ino, inode, 'the other one is the same file');
  t.strictSame([read(root, 'a'), read(root, 'deep/b')], ['ONE', 'two']);
});

t.test('takes away the names of files that are no more, and gives new ones', async (t) => {
  const root = t.testdir({ volume: {} });
  publish(root, [file('a'), file('gone/b')]);
  t.strictSame(publish(root, [file('a'), file('fresh/c')]).changed, ['fresh/c', 'gone/b']);
  t.strictSame(
    readdirSync(join(root, 'volume')).filter((name) => !name.startsWith('..')),
    ['a', 'fresh'],
  );
  t.strictSame(publish(root, []).changed, ['a', 'fresh/c'], 'and where no file is left');
});

t.test('the folder before stays until the next change, and no longer', async (t) => {
  const root = t.testdir({ volume: {} });
  const moments: string[] = [];
  for (const content of ['one', 'two', 'three']) {
    publish(root, [file('a', content)]);
    moments.push(readlinkSync(join(root, 'volume/..data')));
  }
  t.strictSame(generations(root).sort(), moments.slice(1).sort());
  t.equal(read(root, `${moments[1]}/a`), 'two');
});

t.test('mends what a killed process left', async (t) => {
  const root = t.testdir({ volume: { '..2026_01_01_00_00_00.half': { a: 'half' } } });
  const volume = join(root, 'volume');
  symlinkSync('..2026_01_01_00_00_00.half', join(volume, '..data_tmp'));
  t.strictSame(publish(root, [file('a')]).failures, []);
  t.strictSame(readdirSync(volume).sort(), ['..data', 'a', ...generations(root)].sort());
  t.equal(generations(root).length, 1);
});

t.test('gives a name that a killed process had not given yet', async (t) => {
  const moment = '..2026_01_01_00_00_00.whole';
  const root = t.testdir({ volume: { [moment]: { a: 'new' } } });
  chmodSync(join(root, 'volume', moment, 'a'), 0o444);
  symlinkSync(moment, join(root, 'volume/..data'));
  t.strictSame(publish(root, [file('a')]), { changed: [], failures: [] });
  t.equal(read(root, 'a'), 'new');
});

t.test('follows no link of others, and writes nothing where a name is taken', async (t) => {
  const root = t.testdir({ outside: { target: 'untouched' }, volume: { plain: 'old' } });
  symlinkSync('../outside', join(root, 'volume/folder'));
  const { failures } = publish(root, [file('fine'), file('plain'), file('folder/target')]);
  t.strictSame(
    failures.map(({ code, subject }) => `${code} ${subject}`),
    ['ASI_OUT_UNSAFE plain', 'ASI_OUT_UNSAFE folder'],
  );
  t.strictSame(readdirSync(join(root, 'volume')).sort(), ['folder', 'plain']);
  t.equal(readFileSync(join(root, 'outside/target'), 'utf8'), 'untouched');
});

t.test('a `..data` of others is not followed', async (t) => {
  const root = t.testdir({ outside: { a: 'theirs' }, volume: {} });
  symlinkSync('../outside', join(root, 'volume/..data'));
  t.strictSame(publish(root, [file('a', 'ours')]).failures, []);
  t.equal(read(root, 'a'), 'ours');
  t.equal(readFileSync(join(root, 'outside/a'), 'utf8'), 'theirs');
});

t.test('a `..data` that leads out of the volume through the name of a moment is not followed', async (t) => {
  const root = t.testdir({ outside: { a: 'same' }, volume: { '..2026_01_01_00_00_00.x': {} } });
  chmodSync(join(root, 'outside/a'), 0o444);
  symlinkSync('..2026_01_01_00_00_00.x/../../outside', join(root, 'volume/..data'));
  t.strictSame(publish(root, [file('a', 'same')]).changed, ['a']);
  t.not(statSync(join(root, 'volume/a')).ino, statSync(join(root, 'outside/a')).ino);
  t.strictSame(readdirSync(join(root, 'outside')), ['a']);
});

t.test('a file becomes a folder, and a folder a file', async (t) => {
  const root = t.testdir({ volume: {} });
  publish(root, [file('a'), file('b/c'), file('deep/a'), file('deep/b/c')]);
  const { changed, failures } = publish(root, [file('a/x'), file('b'), file('deep/a/x'), file('deep/b')]);
  t.strictSame(failures, []);
  t.strictSame(changed.length, 8);
  t.strictSame(
    ['a/x', 'b', 'deep/a/x', 'deep/b'].map((path) => read(root, path)),
    ['new', 'new', 'new', 'new'],
  );
});

t.test('refuses a name that would be one of its own', async (t) => {
  const root = t.testdir({ volume: {} });
  t.match(publish(root, [file('a'), file('..data')]).failures, [{ code: 'ASI_CFG_PATH', subject: '..data' }]);
  t.strictSame(readdirSync(join(root, 'volume')), []);
});

t.test('all volumes are new, or none is', async (t) => {
  const root = t.testdir({ one: {}, two: { taken: {} } });
  const files = [file('a', '1', 0o444, '/one'), file('a', '2', 0o444, '/two')];
  const directories = ['/one', '/two'];
  const blocked = publish(root, [...files, file('taken', 'x', 0o444, '/two')], { directories });
  t.match(blocked.failures, [{ code: 'ASI_OUT_UNSAFE', subject: 'taken' }]);
  t.strictSame(readdirSync(join(root, 'one')), []);
  const { changed } = publish(root, files, { directories });
  t.strictSame(changed, ['a', 'a']);
});

t.test('a volume that is not there fails all, and leaves nothing half-done', async (t) => {
  const root = t.testdir({ volume: {} });
  const files = [file('a'), file('b', 'x', 0o444, '/gone')];
  const { failures } = publish(root, files, { directories: ['/volume', '/gone'] });
  t.match(failures, [{ code: 'ASI_OUT_WRITE', subject: '/gone', cause: /ENOENT/ }]);
  t.strictSame(readdirSync(join(root, 'volume')), []);
});

t.test('a failure names what could not be written: a file, the current folder, or the name of a file', async (t) => {
  const root = t.testdir({ volume: { '..data': {} }, two: {} });
  const inside = publish(root, [file('a'), file('b'), file('b/c')]);
  t.match(inside, { changed: [], failures: [{ code: 'ASI_OUT_WRITE', subject: 'b/c' }] });
  const current = publish(root, [file('a')]);
  t.match(current, { changed: [], failures: [{ code: 'ASI_OUT_WRITE', subject: join(root, 'volume/..data') }] });
  const [first, second] = [file('a', 'x', 0o444, '/two'), file('b', 'x', 0o444, '/two')];
  const named = publish(root, [first, second], { directories: ['/two'], variables: [second] });
  const headline = 'b could not be put in its place, and 2 of 2 files are new already.';
  t.match(named.failures, [
    { code: 'ASI_OUT_PARTIAL', subject: 'b', headline, cause: /^The system says EEXIST\. New: a, b\.$/ },
  ]);
});

t.test("the kubelet's files are plain ones, and only those that changed are written", async (t) => {
  const root = t.testdir({ volume: {}, environment: {} });
  const variable = (path: string, content: string) => file(path, content, 0o400, '/environment');
  publish(root, [file('a')], { variables: [variable('one', '1'), variable('two', '2')] });
  const inodes = ['one', 'two'].map((path) => lstatSync(join(root, 'environment', path)).ino);
  const { changed } = publish(root, [file('a')], { variables: [variable('one', '1'), variable('two', 'II')] });
  t.strictSame(changed, ['two']);
  const after = ['one', 'two'].map((path) => lstatSync(join(root, 'environment', path)));
  t.ok(after.every((stats) => stats.isFile()));
  t.strictSame(
    after.map(({ ino }, index) => ino === inodes[index]),
    [true, false],
  );
});

t.test('nothing is new where the variables can not be written', async (t) => {
  const root = t.testdir({ volume: {}, environment: { one: {} } });
  const { failures } = publish(root, [file('a')], { variables: [file('one', '1', 0o400, '/environment')] });
  t.match(failures, [{ code: 'ASI_OUT_UNSAFE', subject: 'one' }]);
  t.strictSame(readdirSync(join(root, 'volume')), []);
});

t.test('a name that can not be or that somebody has is refused in whole words', async (t) => {
  const root = t.testdir({ volume: { taken: {} } });
  t.strictSame(publish(root, [file('..a')]).failures, [
    {
      code: 'ASI_CFG_PATH',
      subject: '..a',
      headline: 'The file "..a" is not possible.',
      cause: 'with rotation, no name may begin with two dots.',
    },
  ]);
  t.strictSame(publish(root, [file('taken/a')]).failures, [
    {
      code: 'ASI_OUT_UNSAFE',
      subject: 'taken',
      headline: 'taken was not written.',
      cause: 'Something else has the name "taken" in the volume.',
    },
  ]);
  t.strictSame(readdirSync(join(root, 'volume')), ['taken']);
});

t.test('the folder of a moment is named by its second', async (t) => {
  const root = t.testdir({ volume: {} });
  publish(root, [file('a')]);
  t.match(readlinkSync(join(root, 'volume/..data')), /^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\w{6}$/);
});
