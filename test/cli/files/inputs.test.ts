/** Tests how the files that `-f` names are read, whatever they are. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { inputsOf } from '../../../cli/files/inputs.ts';
import { UsageError } from '../../../cli/shell.ts';

t.test('a pipe, which has its text once, may be read twice', async (t) => {
  const pipe = join(t.testdir(), 'pipe');
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe]);
  const writer = spawn('sh', ['-c', 'echo text > "$1"', 'sh', pipe]);
  const [input] = inputsOf([pipe]);
  t.same([input?.read(), input?.read()], ['text\n', 'text\n']);
  await once(writer, 'close');
});

t.test('no more is read of a stream without an end than of a file', async (t) => {
  t.throws(() => inputsOf(['/dev/zero']), new UsageError('/dev/zero has more than 64 MiB; split it.'));
});

t.test('a text in another encoding is refused', async (t) => {
  const folder = t.testdir({ 'latin.yaml': Buffer.from('name: caf\xe9\n', 'latin1') });
  const path = join(folder, 'latin.yaml');
  const [input] = inputsOf([path]);
  t.throws(() => input?.read(), new UsageError(`${path} is not UTF-8, as manifests are; save it in that encoding.`));
});

t.test('a text keeps the mark of its byte order, so that it is written back', async (t) => {
  const folder = t.testdir({ 'marked.yaml': '\ufeffname: a\n' });
  t.equal(inputsOf([join(folder, 'marked.yaml')])[0]?.read(), '\ufeffname: a\n');
});

t.test('a folder that has itself inside by a link is read once', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'a', again: t.fixture('symlink', '.') });
  t.same(
    inputsOf([folder]).map(({ name }) => name),
    [join(folder, 'a.yaml')],
  );
});
