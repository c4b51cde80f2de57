/** Holds the messages of refusals below the limits of the places where people read them. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { FAILURES } from '../../injector/errors.ts';
import { REFUSALS, type RefusalCode, refusal } from '../../webhook/errors.ts';

/** Characters of a warning that advice shows whole, less those in front of the message and behind it. */
const WARNING = 800 - 150;

/** Bytes of the termination message of a container. https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
const TERMINATION = 4096;

const FOLDER = join(import.meta.dirname, '../fixtures/pods');
const files = globSync('**/*.denied.txt', { cwd: FOLDER });

t.ok(files.length > 20, 'the fixtures have been found');

for (const file of files) {
  t.test(`${basename(file, '.denied.txt')}: each refusal fits into a warning`, async (t) => {
    const refusals = readFileSync(join(FOLDER, file), 'utf8').split(/ (?=ASI_ADMIT_\w+: )/);
    t.strictSame(
      refusals.filter(({ length }) => length > WARNING),
      [],
    );
  });
}

t.test('each refusal of the catalogue fits into a warning with its cause and its fix', async (t) => {
  const codes = Object.keys(REFUSALS) as RefusalCode[];
  t.strictSame(
    codes.filter((code) => refusal(code).message.length > WARNING),
    [],
  );
});

t.test(
  'each failure of the injector fits into a termination message four times, with its cause and its fix',
  async (t) => {
    const long = Object.entries(FAILURES).filter(
      ([code, { cause, fix }]) => Buffer.byteLength(`${code} ${cause} ${fix}`) > TERMINATION / 4,
    );
    t.strictSame(long, []);
  },
);
