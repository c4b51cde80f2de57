/** Holds the messages of refusals below the limits of the places where people read them. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { FAILURES } from '../../injector/errors.ts';
import { REFUSALS, type RefusalCode, refusal } from '../../webhook/errors.ts';

/** Characters of a warning that advice shows whole, less those in front of the message and behind it. */
const WARNING = 800 - 150;

/** Bytes of an event, less those in front: `Error creating: admission webhook "…" denied the request: `. */
const EVENT = 1024 - 120;

/** Bytes of the termination message of a container. https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ */
const TERMINATION = 4096;

const FOLDER = join(import.meta.dirname, '../fixtures/pods');
const files = globSync('**/*.denied.txt', { cwd: FOLDER });

const texts = files.map((file) => readFileSync(join(FOLDER, file), 'utf8'));

/** Returns the refusals of the answer to one pod, each with its code in front. */
const refusalsIn = (text: string) => text.split(/ (?=ASI_ADMIT_\w+: )/);

for (const code of Object.keys(REFUSALS)) {
  t.test(
    `a pod in test/fixtures/pods is refused with ${code}, so that its sentence is read and measured`,
    async (t) => {
      t.ok(texts.some((text) => refusalsIn(text).some((refusal) => refusal.startsWith(`${code}: `))));
    },
  );
}

for (const [index, file] of files.entries()) {
  t.test(`${basename(file, '.denied.txt')}: each refusal fits into a warning and into an event`, async (t) => {
    const refusals = refusalsIn(texts[index] ?? '');
    t.strictSame(
      refusals.filter((refusal) => refusal.length > WARNING || Buffer.byteLength(refusal) > EVENT),
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
