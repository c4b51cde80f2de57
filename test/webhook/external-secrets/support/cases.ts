/** Reads the cases of External Secrets' own tests. Each is checked as strictly as a configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { texts } from '../../../../injector/contract/texts.ts';
import { Parameter, Secret } from '../../../aws/seed.ts';

const FILE = join(import.meta.dirname, '../../../fixtures/external-secrets/cases.yaml');

const members = v.record(v.string(), v.unknown());
const keys = v.strictObject({ keys: texts });

const Case = v.pipe(
  v.strictObject({
    title: v.string(),
    /** The members of spec.provider.aws of the store that this case adds. */
    store: v.optional(members, {}),
    /** The spec of the ExternalSecret without its store. */
    spec: members,
    secrets: v.optional(v.array(Secret), []),
    parameters: v.optional(v.array(Parameter), []),
    operator: v.union([keys, v.strictObject({ error: v.string() })]),
    /** The result here. If it is absent, it is that of the operator. */
    here: v.optional(v.union([keys, v.strictObject({ refused: v.string() }), v.strictObject({ fails: v.string() })])),
    why: v.optional(v.string()),
  }),
  v.check(({ here, why }) => (here === undefined) === (why === undefined), 'a difference has a reason'),
  v.check(({ here, operator }) => here !== undefined || 'keys' in operator, 'an error is not the same here'),
);

/** One case. */
export type Case = v.InferOutput<typeof Case>;

/** Returns all cases, in the order of the file. */
export function readCases(): readonly Case[] {
  return v.parse(v.array(Case), parse(readFileSync(FILE, 'utf8')));
}
