/** Tests what others read while files are replaced in one moment. */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { file, publish, read } from '../support/volume.ts';

/** Reads without a pause, and tells of each value when it has read it a hundred times. */
const READER = `
  import { readFileSync, readlinkSync } from 'node:fs';
  const volume = process.argv[1];
  let [last, reads, halves] = ['', 0, 0];
  while (last !== 'last' || reads < 100) {
    const moment = volume + '/' + readlinkSync(volume + '/..data');
    const user = readFileSync(moment + '/user', 'utf8');
    const password = readFileSync(moment + '/password', 'utf8');
    const both = readFileSync(volume + '/both.env', 'utf8').split('\\n');
    if (user !== password || both[0] !== both[1] || both.length !== 2) halves += 1;
    reads = user === last ? reads + 1 : 1;
    last = user;
    if (reads === 100) process.stdout.write(last + '\\n');
  }
  process.stdout.write(halves + ' halves\\n');`;

t.test('two files of one secret never disagree for a reader in a tight loop, over 100 rotations', async (t) => {
  const root = t.testdir({ volume: {} });
  const write = (value: string) =>
    publish(root, [
      file('user', value),
      file('password', value),
      file('both.env', `${value}\n${value}`),
      file('other', 'same'),
    ]).failures;
  write('first');
  const args = ['--input-type=module', '-e', READER, join(root, 'volume')];
  const reader = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = createInterface({ input: reader.stdout })[Symbol.asyncIterator]();
  t.equal((await said.next()).value, 'first');
  for (let rotation = 1; rotation <= 100; rotation += 1) {
    const value = rotation === 100 ? 'last' : `value ${rotation}`;
    t.strictSame(write(value), []);
    t.equal((await said.next()).value, value);
  }
  t.equal((await said.next()).value, '0 halves');
});

t.test('a reader of the old folder keeps it whole', async (t) => {
  const root = t.testdir({ volume: {} });
  publish(root, [file('user', 'old'), file('password', 'old')]);
  const moment = readlinkSync(join(root, 'volume/..data'));
  publish(root, [file('user', 'new'), file('password', 'new')]);
  t.strictSame([read(root, `${moment}/user`), read(root, `${moment}/password`)], ['old', 'old']);
});
