/**
 * Follows each recipe of docs/recipes.md: the webhook admits a pod that has its annotations, the injector fetches from the
 * in-memory AWS, and the reader that the recipe names reads what was written.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import * as v from 'valibot';
import { parse } from 'yaml';
import { readPages } from '../../docs/scripts/pages.ts';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { SHELL_FILE, SHELL_FOLDER } from '../../injector/contract/names.ts';
import { texts } from '../../injector/contract/texts.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { createPlay } from '../conformance/support/play.ts';
import type { Written } from '../conformance/support/written.ts';
import { readVariable } from '../injector/support/kubelet.ts';
import { blocksOf, pageNamed } from './support/page.ts';

const Recipes = v.array(
  v.strictObject({
    heading: v.string(),
    aws: v.looseObject({ secrets: v.optional(texts), parameters: v.optional(texts) }),
    agent: v.optional(v.literal('ipv4')),
    /** All files. If they are absent, only variables are compared. */
    files: v.optional(texts),
    /** The program that reads the variables, as the recipe says. */
    reader: v.optional(v.picklist(['kubelet', 'sh', 'node'])),
    /** All variables that AWS has values of. */
    variables: v.optional(texts),
    /** The paths at which the app has files. */
    mounts: v.optional(v.array(v.string())),
    /** All operations that Secrets Manager is asked for. */
    operations: v.optional(v.array(v.string())),
  }),
);

const recipes = v.parse(
  Recipes,
  parse(readFileSync(new URL('../fixtures/docs/recipes.yaml', import.meta.url), 'utf8')),
);
const blocks = blocksOf(pageNamed(readPages(), 'recipes.md')).filter(({ language }) => language === 'yaml');

/** Returns the annotations of a recipe by their names without the prefix. */
function annotationsIn(text: string): Record<string, string> {
  const annotations = Object.entries(parse(text) as Record<string, string>);
  return Object.fromEntries(annotations.map(([name, value]) => [name.replace(PREFIX, ''), value]));
}

/** Names the variables that a shell sets itself. */
const OF_SHELLS = ['PWD', 'OLDPWD', 'SHLVL', '_'];

const PRINT = 'process.stdout.write(JSON.stringify(process.env))';

type Recipe = v.InferOutput<typeof Recipes>[number];

/** Returns the variables that a program has when the reader of the recipe has read the files. */
function variablesOf(t: Test, reader: Recipe['reader'], { envFile }: InjectorConfig, written: Written): unknown {
  if (reader === 'kubelet') return Object.fromEntries(byKubelet(written));
  const folder = t.testdir({});
  const { bytes = '' } = written.get(envFile?.path ?? `environment:${SHELL_FOLDER}/${SHELL_FILE}`) ?? {};
  writeFileSync(join(folder, '.env'), bytes);
  const run = (...command: string[]) => {
    const output = execFileSync('env', ['-i', ...command], { cwd: folder, encoding: 'utf8' });
    return Object.entries(JSON.parse(output)).filter(([name]) => !OF_SHELLS.includes(name));
  };
  const { execPath } = process;
  if (reader === 'node') return Object.fromEntries(run(execPath, '--env-file=.env', '-e', PRINT));
  return Object.fromEntries(run('/bin/sh', '-c', `set -a; . ./.env; exec "$0" -e '${PRINT}'`, execPath));
}

function byKubelet(written: Written): [string, string][] {
  return [...written].flatMap(([path, { bytes }]) => {
    const name = path.replace('environment:', '');
    const value = path === name ? undefined : readVariable(bytes, name);
    return value === undefined ? [] : [[name, value.toString()]];
  });
}

type Mounts = { spec: { containers: { volumeMounts: { mountPath: string; readOnly?: boolean }[] }[] } };

t.strictSame(
  blocks.map(({ heading }) => heading),
  recipes.map(({ heading }) => heading),
  'each recipe of the page has a line in the fixture',
);

for (const [index, { heading, files, reader, variables, mounts = [], operations, ...rest }] of recipes.entries()) {
  t.test(`${heading}, ${index + 1}: the app gets what the recipe says`, async (t) => {
    const annotations = annotationsIn(blocks[index]?.text ?? '');
    const one = {
      ...rest,
      case: '1',
      title: heading,
      ascp: {},
      volume: false,
      annotations,
      container: { command: ['app'] },
    };
    const play = await createPlay(t, one);
    const { config, refusals, pod } = await play.admit(one);
    t.strictSame(refusals, []);
    if (config === undefined) throw new Error('the pod is not injected');
    const { exitCode, message } = await play.run(config);
    t.equal(exitCode, 0, message);
    const written = play.written(config);
    if (files !== undefined) t.strictSame(textsOf(written), files);
    if (variables !== undefined) t.strictSame(variablesOf(t, reader, config, written), variables);
    const mounted = (pod as Mounts).spec.containers[0]?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    for (const path of mounts) t.ok(mounted.includes(path), `${path} is mounted`);
    const asked = play.calls().filter(({ service }) => service === 'secretsmanager');
    if (operations !== undefined) t.strictSame([...new Set(asked.map(({ operation }) => operation))], operations);
  });
}

function textsOf(written: Written): Record<string, string> {
  return Object.fromEntries([...written].map(([path, { bytes }]) => [path, bytes.toString()]));
}
