/** Tests what is planned and refused before anything is fetched, from test/fixtures/plan. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { sourceKey } from '../../../injector/contract/source.ts';
import { fileDirectories, possibleOutputs } from '../../../injector/plan/outputs.ts';
import { plan } from '../../../injector/plan/plan.ts';
import { CONFIG } from '../support/config.ts';

type Case<More> = { readonly config: Partial<InjectorConfig> } & More;

function fixture<More>(name: string): Case<More>[] {
  return parse(readFileSync(join(import.meta.dirname, '../../fixtures/plan', `${name}.yaml`), 'utf8')) as Case<More>[];
}

/** Returns a configuration whose own directory is /d. */
const configOf = (more: Partial<InjectorConfig>): InjectorConfig => ({ ...CONFIG, directory: '/d', ...more });

t.test('what is declared wrongly is refused in the whole of its words, and nothing else is', async (t) => {
  for (const { config, failures } of fixture<{ failures: unknown }>('failures')) {
    t.strictSame(plan(configOf(config)).failures, failures, JSON.stringify(config).slice(0, 200));
  }
});

for (const { what, config, batches, prefetch } of fixture<{ what: string; batches: unknown; prefetch: unknown }>(
  'requests',
)) {
  t.test(what, async (t) => {
    const planned = plan(configOf(config)).plan;
    const named = planned.batches.map((batch) => ({ ...batch, sources: batch.sources.map(({ name }) => name) }));
    t.same(named, batches);
    t.strictSame(planned.prefetch, prefetch);
  });
}

t.test('an object may be missing if each of its outputs may, wherever they are', async (t) => {
  for (const { config, lenient } of fixture<{ lenient: unknown }>('lenient')) {
    const whole = configOf(config);
    const keys = plan(whole).plan.lenient;
    const names = whole.objects.filter((object) => keys.has(sourceKey(object))).map(({ name }) => name);
    t.strictSame(names, lenient, JSON.stringify(config));
  }
});

t.test('all that may be written is known before, with its directories', async (t) => {
  for (const { config, outputs, directories } of fixture<{ outputs: unknown; directories: unknown }>('outputs')) {
    const whole = configOf(config);
    const found = possibleOutputs(whole).map(({ directory, path, isFolder = false }) => [directory, path, isFolder]);
    t.strictSame(found, outputs);
    t.strictSame(fileDirectories(whole), directories);
  }
});
