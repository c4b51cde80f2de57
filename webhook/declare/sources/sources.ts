/** Reads the annotations that say what to fetch. */
import { formatOfName } from '../../../injector/contract/env-file-formats.ts';
import type { ANNOTATIONS, AnnotationName } from '../annotation-table.ts';
import type { Budget } from '../budget.ts';
import type { Declaration } from '../declaration.ts';
import { parseObjects } from '../objects/objects.ts';
import type { Values } from '../options.ts';
import { joinReadings, type Reading } from '../outputs.ts';
import type { Scope } from '../scope.ts';
import { type Delivery, readDelivery } from './delivery.ts';
import { parseEnv } from './env.ts';
import { parseEnvFrom } from './env-from.ts';
import { parseFiles } from './files.ts';
import { parseTemplates } from './templates.ts';

type Rows = typeof ANNOTATIONS;
/** The annotations that are a list or a map in YAML. */
type YamlSource = {
  [N in AnnotationName]: Rows[N] extends { source: true } ? (Rows[N] extends { parse: unknown } ? never : N) : never;
}[AnnotationName];

type Context = { readonly scope: Scope; readonly delivery: Delivery; readonly budget: Budget };

const READERS: Readonly<Record<YamlSource, (text: string, context: Context) => Reading>> = {
  objects: (text, { scope, budget }) => parseObjects(text, { ...scope, annotation: 'objects', strict: true }, budget),
  files: (text, { scope, budget }) => parseFiles(text, scope, budget),
  env: (text, context) => parseEnv(text, context),
  'env-from': (text, { scope, budget }) => parseEnvFrom(text, scope, budget),
  templates: (text, { scope, budget }) => parseTemplates(text, scope, budget),
};

export type Sources = Required<Reading> &
  Pick<Declaration, 'delivery' | 'envFile'> & {
    /** True if the pod has any of these annotations. */
    readonly any: boolean;
  };

/** Reads the annotations that the pod has. A wrong one adds refusals and no outputs. */
export function readSources(own: ReadonlyMap<string, string>, values: Values, scope: Scope, budget: Budget): Sources {
  const { delivery, refusals } = readDelivery(own, values['env-delivery']);
  const readings = Object.entries(READERS).flatMap(([name, read]) => {
    const text = own.get(name);
    return text === undefined ? [] : [read(text, { scope, delivery, budget })];
  });
  const { 'env-file': path, 'env-file-format': format } = values;
  return {
    ...joinReadings([{ outputs: [], refusals }, ...readings]),
    ...(delivery.kind && { delivery: delivery.kind }),
    ...(path !== undefined && { envFile: { path, format: format ?? formatOfName(path), mode: scope.mode } }),
    any: readings.length > 0,
  };
}
