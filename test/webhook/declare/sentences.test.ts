/**
 * Declares the annotations of each file in test/fixtures/sentences, which has a list for a topic, and compares every word of what
 * they are refused with. A new case is a new line of a list, and a new topic is a new file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { declare } from '../../../webhook/declare/declare.ts';
import { annotationsOf } from '../support/annotations.ts';
import { CONTEXT } from '../support/context.ts';
import { compareSaid } from '../support/said.ts';

type Own = Readonly<Record<string, string>>;

const FOLDER = join(import.meta.dirname, '../../fixtures/sentences');

/** Goes with variables where a case does not say how they reach the app, because a file takes all that are well-formed. */
const ENV_FILE: Own = { 'env-delivery': 'file', 'env-file': 'app.env' };

function saidOf(own: Own): string {
  const takesFile = ('env' in own || 'env-from' in own) && !('env-delivery' in own);
  const made = declare(annotationsOf({ ...(takesFile && ENV_FILE), ...own }), CONTEXT);
  const said = made.ok ? ['It is accepted.'] : made.refusals.map(({ code, message }) => `${code} ${message}`);
  return [JSON.stringify(own).slice(0, 100), ...said].join('\n  ');
}

const topics = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
t.ok(topics.length > 3, 'the folder has been found');

for (const topic of topics) {
  t.test(`what is wrong in ${topic} is refused by name, with the fix`, async (t) => {
    const cases = parse(readFileSync(join(FOLDER, topic), 'utf8')) as Own[];
    compareSaid(t, `sentences/${topic.replace('.yaml', '')}`, cases.map(saidOf));
  });
}
