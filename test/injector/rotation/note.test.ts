/** Tests the note that a process of the injected container leaves for the next one. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { STATE_DIRECTORY } from '../../../injector/contract/rotation.ts';
import { NOTHING_TO_DO, readNote, writeNote } from '../../../injector/rotation/note.ts';
import { describeChange, describeEnd, describeRest } from '../../../injector/rotation/refresh.ts';

function rootOf(t: Test): { root: string; state: string } {
  const root = t.testdir({});
  const state = join(root, STATE_DIRECTORY);
  mkdirSync(state, { recursive: true });
  return { root, state };
}

t.test('what is noted is read by the next process, and nobody else may read it', async (t) => {
  const { root, state } = rootOf(t);
  for (const note of [{ restart: true, notify: ['a', 'deep/b'] }, NOTHING_TO_DO]) {
    writeNote(root, note);
    t.strictSame(readNote(root), note);
  }
  t.strictSame(readdirSync(state), ['written.json']);
  t.equal(statSync(join(state, 'written.json')).mode & 0o777, 0o600);
  t.equal(readFileSync(join(state, 'written.json'), 'utf8'), '{"restart":false,"notify":[]}');
});

t.test('a note that is none is no note, and one that asks for nothing that is known asks for nothing', async (t) => {
  const { root, state } = rootOf(t);
  t.equal(readNote(root), undefined);
  for (const text of ['', 'x', 'null']) {
    writeFileSync(join(state, 'written.json'), text);
    t.equal(readNote(root), undefined, text);
  }
  for (const text of ['{}', '{"restart":1}', '{"restart":"true","notify":"a"}']) {
    writeFileSync(join(state, 'written.json'), text);
    t.strictSame(readNote(root), NOTHING_TO_DO, text);
  }
});

t.test('a volume that takes no note throws what the system says', async (t) => {
  t.throws(() => writeNote(t.testdir({}), NOTHING_TO_DO), { code: 'ENOENT' });
});

t.test('what stays, what ended and what changed is told in whole sentences', async (t) => {
  const failure = (code: 'ASI_SYNC_DENIED' | 'ASI_SYNC_VALUE' | 'ASI_AWS_DENIED') => ({
    code,
    subject: 'x',
    headline: '',
  });
  t.equal(describeRest(failure('ASI_SYNC_DENIED'), true), 'The Secret still stays as it is.');
  t.equal(describeRest(failure('ASI_SYNC_DENIED'), false), 'The Secret stays as it is.');
  for (const code of ['ASI_SYNC_VALUE', 'ASI_AWS_DENIED'] as const) {
    t.equal(describeRest(failure(code), true), 'The files still keep its last value.');
    t.equal(describeRest(failure(code), false), 'The files keep its last value.');
  }
  t.equal(describeEnd(failure('ASI_SYNC_DENIED')), 'x is up to date again.');
  t.equal(describeEnd(failure('ASI_AWS_DENIED')), 'x can be read again.');
  const change = { name: 'db', region: undefined, from: undefined, to: 'v2' };
  t.equal(describeChange(change), 'db changed: version v2.');
  t.equal(
    describeChange({ ...change, region: 'eu-west-1', from: 'v1' }),
    'db changed in eu-west-1: version v1 is now v2.',
  );
});
