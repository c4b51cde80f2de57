/** Tests what is said about each error of AWS, of the network and of our own, from test/fixtures/explain. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { type Step, verdictOf } from '../../../injector/aws/error.ts';
import type { ConfigSearch } from '../../../injector/contract/config.ts';
import type { Source } from '../../../injector/contract/source.ts';
import { causeOf, codeOf } from '../../../injector/explain/error.ts';
import { explainFetch, explainSearch } from '../../../injector/explain/explain.ts';
import { CONFIG } from '../support/config.ts';
import { inRegions, type Thrown, thrown } from '../support/errors.ts';

function fixture<Case>(name: string): Case[] {
  return parse(readFileSync(join(import.meta.dirname, '../../fixtures/explain', `${name}.yaml`), 'utf8')) as Case[];
}

type Known = { error: Thrown; verdict: string; code: string; cause: string };

t.test('each error has its verdict, its code and its cause', async (t) => {
  for (const { error, verdict, code, cause } of fixture<Known>('errors')) {
    const made = thrown(error);
    t.strictSame(
      [verdictOf(made), codeOf(made), causeOf(made, 'x:Act')],
      [verdict, code, cause],
      JSON.stringify(error),
    );
  }
});

type Failed = { config?: object; step: Step; role?: string; errors: Record<string, Thrown>; failure: unknown };

t.test('a failed object has the whole of its words', async (t) => {
  for (const { config, source, step, role, errors, failure } of fixture<Failed & { source: Source }>('objects')) {
    const explained = explainFetch(source, inRegions(step, errors, role), { ...CONFIG, ...config });
    t.strictSame(explained, failure, JSON.stringify([source, step, errors]));
  }
});

t.test('a failed search has the whole of its words', async (t) => {
  for (const { config, search, step, errors, failure } of fixture<Failed & { search: ConfigSearch }>('searches')) {
    const explained = explainSearch(search, inRegions(step, errors), { ...CONFIG, ...config });
    t.strictSame(explained, failure, JSON.stringify([search, step, errors]));
  }
});
