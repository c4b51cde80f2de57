/** Tests the calls to the system by which files are written: what is durable, and that everything is closed. */
import { constants } from 'node:fs';
import t from 'tap';
import { writeFiles } from '../../../injector/write/write.ts';
import { aroundFiles, watchFiles } from '../support/system.ts';
import { file, publish } from '../support/volume.ts';

const CALLS = ['openSync', 'writeSync', 'fchmodSync', 'fsyncSync', 'closeSync', 'renameSync'];

const NEW = (constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW).toString(8);

/** Returns a path without the folder of the test and what chance adds to a name. */
const named = (root: string) => (path: string) =>
  path
    .replace(root, '')
    .replace(/\.aws-secrets-injector\.[0-9a-f-]{36}$/, 'STAGED')
    .replace(/\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\w{6}/, 'MOMENT');

t.test('a file is durable under another name before it gets its own, and then its folder is', async (t) => {
  const root = t.testdir({ volume: {} });
  const calls = watchFiles(t, CALLS, named(root));
  t.strictSame(writeFiles(root, [file('deep/a', 'text', 0o440)]), []);
  t.strictSame(calls, [
    `openSync /volume/deep/STAGED ${NEW} 600`,
    'writeSync /volume/deep/STAGED',
    'fchmodSync /volume/deep/STAGED 440',
    'fsyncSync /volume/deep/STAGED',
    'closeSync /volume/deep/STAGED',
    'renameSync /volume/deep/STAGED /volume/deep/a',
    'openSync /volume 0',
    'fsyncSync /volume',
    'closeSync /volume',
    'openSync /volume/deep 0',
    'fsyncSync /volume/deep',
    'closeSync /volume/deep',
  ]);
});

t.test('the files of a moment are durable before they are the current ones, and the volume after', async (t) => {
  const root = t.testdir({ volume: {} });
  const calls = watchFiles(t, [...CALLS, 'symlinkSync'], named(root));
  t.strictSame(publish(root, [file('a', 'text')]).failures, []);
  t.strictSame(calls, [
    `openSync /volume/MOMENT/a ${NEW} 600`,
    'writeSync /volume/MOMENT/a',
    'fchmodSync /volume/MOMENT/a 444',
    'fsyncSync /volume/MOMENT/a',
    'closeSync /volume/MOMENT/a',
    'symlinkSync MOMENT /volume/..data_tmp',
    'renameSync /volume/..data_tmp /volume/..data',
    'symlinkSync ..data/a /volume/a',
    'openSync /volume 0',
    'fsyncSync /volume',
    'closeSync /volume',
  ]);
});

t.test('a file that the system takes in pieces is written whole', async (t) => {
  const root = t.testdir({ volume: {} });
  let pieces = 0;
  aroundFiles(t, {
    writeSync: (real) =>
      ((descriptor: never, bytes: Buffer, at: number) => {
        pieces += 1;
        return real(descriptor, bytes as never, at as never, Math.min(3, bytes.length - at) as never);
      }) as never,
  });
  t.strictSame(publish(root, [file('a', 'text of 12.')]).failures, []);
  t.equal(pieces, 4);
});

t.test('a volume that can not be made durable has its files all the same', async (t) => {
  const root = t.testdir({ volume: {} });
  const closed: unknown[] = [];
  aroundFiles(t, {
    fsyncSync: (real) =>
      ((descriptor: never) => {
        if (closed.length > 0) throw Object.assign(new Error('fsync'), { code: 'EINVAL' });
        return real(descriptor);
      }) as never,
    closeSync: (real) =>
      ((descriptor: never) => {
        closed.push(descriptor);
        return real(descriptor);
      }) as never,
  });
  t.strictSame(writeFiles(root, [file('a')]), []);
  t.equal(closed.length, 2, 'the file and the folder');
});
