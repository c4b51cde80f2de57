/** Tests the words of `refresh`: what changed, what was written, and what failed. */
import t from 'tap';
import { createRedactor } from '../../../injector/redactor.ts';
import { answerOf } from '../../../injector/rotation/refresh.ts';
import type { Round } from '../../../injector/rotation/round.ts';
import { Secret } from '../../../injector/secret.ts';

const ROUND: Round = { changes: [], files: [], failures: [], published: true };

const answerTo = (round: Partial<Round>) => answerOf({ ...ROUND, ...round }, createRedactor());

t.test('it says that nothing changed', async (t) => {
  t.same(answerTo({}), { lines: ['Nothing changed.'], exitCode: 0 });
});

t.test('it names each object that changed, with its versions and its region, and the new files', async (t) => {
  const changes = [
    { name: 'db', region: undefined, from: '1', to: '2' },
    { name: '/key', region: 'eu-west-1', from: undefined, to: '7' },
  ];
  t.same(answerTo({ changes, files: ['db', 'keys/key'] }), {
    lines: ['db changed: version 1 is now 2.', '/key changed in eu-west-1: version 7.', 'New files: db, keys/key.'],
    exitCode: 0,
  });
});

const REST = {
  ASI_AWS_DENIED: /The files keep its last value\.$/,
  ASI_SYNC_DENIED: /The Secret stays as it is\.$/,
  ASI_SYNC_VALUE: /The files keep its last value\.$/,
} as const;

for (const [code, rest] of Object.entries(REST)) {
  t.test(`it says what stays as it was, and ends as a first run would: ${code}`, async (t) => {
    const failure = { code: code as keyof typeof REST, subject: 'db', headline: 'It failed.' };
    const { lines, exitCode } = answerTo({ failures: [failure] });
    t.match(lines, [rest]);
    t.same([lines.length, exitCode], [1, 10]);
  });
}

t.test('a line with thousands of files is cut', async (t) => {
  const files = Array.from({ length: 10_000 }, (_, index) => `file-${index}`);
  const [line = ''] = answerTo({ files }).lines.filter((one) => one.startsWith('New files'));
  t.equal(line.length, 16 * 1024 + '…'.length);
});

t.test('no value is in a line', async (t) => {
  const redactor = createRedactor();
  redactor.addValue(new Secret('canary-7f3a9c'));
  const { lines } = answerOf({ ...ROUND, files: ['canary-7f3a9c'] }, redactor);
  t.notMatch(lines.join('\n'), 'canary');
});
