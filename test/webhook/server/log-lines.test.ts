import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { linesTo } from '../../../webhook/server/log-lines.ts';

const MODULE = join(import.meta.dirname, '../../../webhook/server/log-lines.ts');

t.test('writes the lines of one turn of the event loop together, in their order', async (t) => {
  const path = join(t.testdir({ log: '' }), 'log');
  const file = openSync(path, 'a');
  t.teardown(() => closeSync(file));
  const stream = linesTo(file);
  for (const line of ['one\n', 'two\n']) stream.write(line);
  t.equal(readFileSync(path, 'utf8'), '');
  await turn();
  stream.write('three\n');
  await turn();
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\nthree\n');
});

t.test('loses no line of a process that ends by an error, though its reader is slow', async (t) => {
  const script = `
    import { linesTo } from ${JSON.stringify(MODULE)};
    const stream = linesTo(1);
    process.on('exit', stream.flush);
    for (let line = 0; line < 10_000; line += 1) stream.write('x'.repeat(99) + '\\n');
    throw new Error('the end');`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  t.equal(status, 1);
  t.equal(stdout.length, 1_000_000);
});

t.test('goes on where nobody can read its lines', async (t) => {
  const file = openSync(join(t.testdir({ log: '' }), 'log'), 'r');
  t.teardown(() => closeSync(file));
  const stream = linesTo(file);
  stream.write('lost\n');
  t.doesNotThrow(stream.flush);
});
