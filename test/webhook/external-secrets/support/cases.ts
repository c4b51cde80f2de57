/** Reads the cases of External Secrets' own tests. Each is checked as strictly as a configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { Parameter, Secret } from '../../../aws/seed.ts';

const FILE = join(import.meta.dirname, '../../../fixtures/external-secrets/cases.yaml');

const members = z.record(z.string(), z.unknown());
const keys = z.strictObject({ keys: z.record(z.string(), z.string()) });

const Case = z
  .strictObject({
    title: z.string(),
    store: members.default({}).describe('what spec.provider.aws of the store has besides'),
    spec: members.describe('of the ExternalSecret, but for its store'),
    secrets: z.array(Secret).default([]),
    parameters: z.array(Parameter).default([]),
    operator: z.union([keys, z.strictObject({ error: z.string() })]),
    here: z
      .union([keys, z.strictObject({ refused: z.string() }), z.strictObject({ fails: z.string() })])
      .optional()
      .describe('absent: the same as with the operator'),
    why: z.string().optional(),
  })
  .refine(({ here, why }) => (here === undefined) === (why === undefined), 'a difference has a reason')
  .refine(({ here, operator }) => here !== undefined || 'keys' in operator, 'an error is not the same here');

/** One case. */
export type Case = z.infer<typeof Case>;

/** Returns all cases, in the order of the file. */
export function readCases(): readonly Case[] {
  return z.array(Case).parse(parse(readFileSync(FILE, 'utf8')));
}
