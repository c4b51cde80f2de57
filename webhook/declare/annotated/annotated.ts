/** What the annotations themselves fetch. */
import type { InjectorConfig } from '../../../injector/config.ts';
import type { Budget } from '../budget.ts';
import type { Declaration } from '../declaration.ts';
import { parseObjects } from '../objects/objects.ts';
import { given, type Read } from '../options.ts';
import { joinReadings, type Reading } from '../outputs.ts';
import { filePathProblem } from '../paths.ts';
import { err, ok, type Result } from '../result.ts';
import type { Scope } from '../scope.ts';
import * as values from '../values.ts';
import { readDelivery } from './delivery.ts';
import { type EnvReading, parseEnv } from './env.ts';
import { parseEnvFrom } from './env-from.ts';
import { parseFiles } from './files.ts';
import { parseTemplates } from './templates.ts';

type EnvFile = NonNullable<InjectorConfig['envFile']>;
export type Annotated = Required<Reading> &
  Pick<Declaration, 'variables' | 'delivery'> & {
    readonly envFile?: EnvFile;
    /** Whether any of these annotations is there. */
    readonly any: boolean;
  };

const NOTHING: EnvReading = { outputs: [], refusals: [], variables: [] };

/** Reads the annotations that say what to fetch. A wrong one adds refusals and no outputs. */
export function readAnnotated(own: ReadonlyMap<string, string>, read: Read, scope: Scope, budget: Budget): Annotated {
  const { delivery, refusals } = readDelivery(own);
  read('env-delivery', values.parseDelivery);
  const path = read('env-file', parseFilePath);
  const format = read('env-file-format', values.parseEnvFileFormat) ?? 'shell';
  const parsed = <T extends Reading>(name: string, nothing: T, parse: (text: string) => T): T => {
    const text = own.get(name);
    return text === undefined ? nothing : parse(text);
  };
  const owner = { ...scope, annotation: 'objects', strict: true };
  const env = parsed('env', NOTHING, (text) => parseEnv(text, scope, delivery, budget));
  const readings: Reading[] = [
    { outputs: [], refusals },
    parsed<Reading>('objects', NOTHING, (text) => parseObjects(text, owner, budget)),
    parsed<Reading>('files', NOTHING, (text) => parseFiles(text, scope, budget)),
    env,
    parsed<Reading>('env-from', NOTHING, (text) => parseEnvFrom(text, scope, budget)),
    parsed<Reading>('templates', NOTHING, (text) => parseTemplates(text, scope, budget)),
  ];
  return {
    ...joinReadings(readings),
    variables: env.variables,
    ...given('delivery', delivery.kind),
    ...given('envFile', path === undefined ? undefined : { path, format, mode: scope.mode }),
    any: ['objects', 'files', 'env', 'env-from', 'templates'].some((name) => own.has(name)),
  };
}

function parseFilePath(text: string): Result<string> {
  const problem = filePathProblem(text);
  return problem === undefined ? ok(text) : err(problem);
}
