import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Secret } from '../../../injector/secret.ts';
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

/** Runs the script, and in its place then the command, where mounts are the command's alone. */
const withMounts = (script: string, directory: string, command: string[]) =>
  spawnSync(
    'sh',
    [
      '-c',
      'script=$1; shift; exec unshare -rm sh -c "$script" "$@"',
      'sh',
      `${script} && exec "$@"`,
      directory,
      ...command,
    ],
    {
      encoding: 'utf8',
    },
  );

const SMALL = 'mount -t tmpfs -o size=64k none "$0"';

const cannotMount = withMounts(SMALL, t.testdir({}), ['true']).status !== 0 && 'needs a user namespace that may mount';

const PROGRAM = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { Secret } from './injector/secret.ts';
  import { writeFiles } from './injector/write/write.ts';
  const file = (path, content) => ({ directory: '/', path, mode: 0o444, content: new Secret(content) });
  const root = process.argv[1];`;

const run = (script: string, directory: string, program: string) =>
  withMounts(script, directory, [process.execPath, '--input-type=module', '-e', PROGRAM + program, directory]);

t.test('a volume that is too small says so, and stays as it was', { skip: cannotMount }, async (t) => {
  const program = `
    writeFiles(root, [file('a', 'x')]);
    const failures = writeFiles(root, [file('a', 'xx'), file('deep/b', 'x'.repeat(100_000))]);
    console.log(JSON.stringify([failures, readdirSync(root)]));`;
  const { stdout, stderr } = run(SMALL, t.testdir({}), program);
  t.match(stdout, /ASI_OUT_NO_SPACE.*ENOSPC.*100002 bytes.*\["a"\]\]/, stderr);
});

t.test(
  'a file that can not be renamed is reported with those that are new already',
  { skip: cannotMount },
  async (t) => {
    const directory = t.testdir({ a: 'old', b: 'old', c: 'old' });
    const program = `
    const failures = writeFiles(root, ['a', 'b', 'c'].map((path) => file(path, 'new')));
    const read = (path) => readFileSync(root + '/' + path, 'utf8');
    console.log(JSON.stringify({ failures, names: readdirSync(root), now: ['a', 'b', 'c'].map(read) }));`;
    const { stdout, stderr } = run('mount --bind "$0/c" "$0/b"', directory, program);
    t.match(
      JSON.parse(stdout || '{}'),
      {
        failures: [
          {
            code: 'ASI_OUT_PARTIAL',
            headline: 'b could not be put in its place, and 1 of 3 files are new already.',
            cause: 'The system says EBUSY. New: a.',
          },
        ],
        names: ['a', 'b', 'c'],
        now: ['new', 'old', 'old'],
      },
      stderr,
    );
  },
);
