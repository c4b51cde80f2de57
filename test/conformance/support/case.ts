/** Reads the cases. Each is a YAML file in test/fixtures/conformance, and is checked as strictly as a configuration. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ClusterState, KubernetesSecret, Owner } from './cluster.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/conformance');

const texts = z.record(z.string(), z.string());

/** Is a text, or a file of another kind or mode than a text of mode 0644. */
const File = z.union([
  z.string(),
  z.strictObject({
    content: z.string().optional().describe('absent: any'),
    base64: z.string().optional().describe('bytes that are no text'),
    mode: z
      .string()
      .regex(/^0[0-7]{3}$/)
      .default('0644'),
  }),
]);

const result = {
  error: z.string().optional().describe("how the message begins; nothing is written. ASCP's own words"),
  files: z.record(z.string(), File).optional().describe('all that are written'),
  secrets: z.record(z.string(), KubernetesSecret).optional().describe('all that are in the cluster then'),
  says: z.string().optional().describe('what neither a message nor files can say; for people'),
};

const RESULTS = ['error', 'files', 'secrets', 'says'] as const satisfies readonly (keyof typeof result)[];

const checks = {
  exit: z.union([z.literal(2), z.literal(10), z.literal(20)]).optional(),
  also: z.array(z.string()).optional().describe('what else the message holds: the cause that ASCP hides'),
  log: z.array(z.string()).optional().describe("what the init container's log holds"),
  warns: z.array(z.string()).optional().describe("what the admission's warnings hold"),
  requests: z.array(z.string()).optional().describe('all that AWS is asked, but STS: REGION OPERATION NAME…'),
  sts: z.array(z.string()).optional().describe('all that STS is asked'),
  hosts: z.array(z.string()).optional().describe('all names of AWS that are asked, where it is reached by them'),
  config: z.unknown().optional().describe('a part of what the injector is told'),
  pod: z.unknown().optional().describe('a part of the pod as it comes out'),
  untouched: z.literal(true).optional().describe('the pod comes out as it went in'),
};

const SecretObjects = z.array(
  z.strictObject({
    secretName: z.string(),
    type: z.string(),
    labels: texts.exactOptional(),
    annotations: texts.exactOptional(),
    data: z.array(z.strictObject({ objectName: z.string(), key: z.string() })),
  }),
);

const ProviderClass = z.strictObject({
  provider: z.string().optional(),
  parameters: texts.default({}),
  secretObjects: SecretObjects.default([]),
});

/** `secrets` and `parameters` are those of the primary region; the rest is a seed of the in-memory AWS. */
const AwsState = z.looseObject({ secrets: texts.optional(), parameters: texts.optional() });

const input = {
  input: z.string().nullable().optional().describe('for people, in place of the declaration'),
  state: z.string().nullable().optional().describe('for people: what AWS or the cluster does'),
  objects: z.string().optional().describe("the class's"),
  parameters: texts.optional().describe("the class's others"),
  secretObjects: SecretObjects.optional().describe("the class's"),
  class: ProviderClass.nullable().optional().describe('instead of the three above; null: there is none'),
  sync: z.literal(true).optional().describe('the pod makes the Secrets of the class; the driver is set to do it'),
  attributes: texts.optional().describe("the volume's; secretProviderClass: app1 is there"),
  annotations: texts.optional().describe('without the prefix'),
  volume: z.boolean().optional().describe('false: the pod has no CSI volume'),
  pod: z.looseObject({}).optional().describe('the whole pod, where it matters'),
  container: z.looseObject({}).optional().describe("what the app's container has besides, without the whole pod"),
  serviceAccount: z.strictObject({ roleArn: z.string().optional() }).optional().describe('absent: one with a role'),
  region: z.string().nullable().optional().describe("the cluster's; absent: us-west-2"),
  chartAws: z
    .looseObject({ useFipsEndpoint: z.boolean().optional() })
    .optional()
    .describe("the chart's values of `aws`; with useFipsEndpoint, AWS is reached by its own names"),
  missingHosts: z.array(z.string()).optional().describe('names of AWS that do not exist'),
  rotation: z.int().optional().describe("the cluster's rotation interval, in seconds; absent: none"),
  token: z.string().optional().describe("the token file's content"),
  owners: z.array(Owner).optional().describe("the pod's; absent: it has none"),
  cluster: ClusterState.optional().describe('what Secrets are there'),
  agent: z
    .enum(['ipv4', 'ipv6'])
    .optional()
    .describe('where the Pod Identity agent is reached; nothing is at the other'),
  aws: AwsState.nullable().optional().describe('without it an error is one of admission'),
};

const Again = z.strictObject({
  about: z.string(),
  objects: z.string().optional().describe('the class has changed'),
  secretObjects: SecretObjects.optional().describe('the class has changed'),
  owners: z.array(Owner).optional().describe('those of the new pod'),
  class: ProviderClass.optional().describe('the class is there now'),
  newPod: z.literal(true).optional().describe('a new pod; else the same configuration runs again'),
  restarts: z.literal(true).optional().describe('the container starts again; else, with rotation, the interval passes'),
  aws: AwsState.optional().describe('what AWS has now, besides'),
  cluster: ClusterState.optional().describe('what somebody else did meanwhile'),
  files: result.files,
  secrets: result.secrets,
  requests: checks.requests,
  log: checks.log,
});

const Ours = z.strictObject({ ...result, ...checks });

const Variant = z.strictObject({
  ...input,
  title: z.string(),
  ascp: z.strictObject(result).optional(),
  ours: Ours.optional(),
  why: z.string().optional(),
});

const CaseFile = z.strictObject({
  case: z.string().regex(/^\d{1,3}[a-z]?$/),
  title: z.string(),
  ...input,
  ascp: z.strictObject(result),
  ours: Ours.optional().describe('what differs from ASCP, and what else is checked'),
  why: z.string().optional().describe('the reason, where ours differs'),
  notApplicable: z.string().optional().describe('why there is nothing to run'),
  again: z.array(Again).optional().describe('what comes after'),
  variants: z.array(Variant).optional().describe('the same with other inputs; each takes the rest from the case'),
});

export type Case = Omit<z.infer<typeof CaseFile>, 'variants'>;
export type Again = z.infer<typeof Again>;
export type Expected = z.infer<typeof Ours>;
export type ExpectedFiles = NonNullable<Expected['files']>;

/**
 * Returns all cases in the order of their numbers. A variant gets the number of its file with the next free letter: the first
 * variant of 17 is 17a. Throws if a file is wrong.
 */
export function readCases(): Case[] {
  const files = readdirSync(FOLDER).map(readCase);
  const used = new Set(files.map((one) => one.case));
  const all = files.flatMap(({ variants = [], ...one }) => [
    one,
    ...variants.map((variant) => ({
      ...one,
      ...variant,
      case: nextNumber(one.case, used),
      ascp: variant.ascp ?? one.ascp,
    })),
  ]);
  for (const each of all) checkReason(each);
  return all.sort((a, b) => a.case.localeCompare(b.case, 'en', { numeric: true }));
}

function readCase(name: string): z.infer<typeof CaseFile> {
  const read = CaseFile.safeParse(parse(readFileSync(join(FOLDER, name), 'utf8')));
  if (!read.success) throw new TypeError(`${name}: ${z.prettifyError(read.error)}`);
  const { case: number } = read.data;
  if (!name.startsWith(`${number.replace(/^\d+/, (digits) => digits.padStart(3, '0'))}-`)) {
    throw new TypeError(`${name}: the name does not begin with the case's number, ${number}`);
  }
  return read.data;
}

/** Returns a number that no case has, and adds it to those in use. */
function nextNumber(number: string, used: Set<string>): string {
  const digits = Number.parseInt(number, 10);
  const free = [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => `${digits}${letter}`).find((one) => !used.has(one));
  if (free === undefined) throw new TypeError(`case ${number} has too many variants`);
  used.add(free);
  return free;
}

/** Returns what the injector has to do: ASCP's result with our differences. */
export function expectedOf({ ascp, ours = {} }: Case): Expected {
  const differs = RESULTS.some((key) => ours[key] !== undefined);
  return differs ? ours : { ...ascp, ...ours };
}

function checkReason({ case: number, title, ascp, ours = {}, why, notApplicable }: Case): void {
  const differs = RESULTS.some((key) => ours[key] !== undefined);
  const reasoned = why !== undefined || notApplicable !== undefined;
  if (notApplicable === undefined && differs !== reasoned) {
    throw new TypeError(`${number}: ${title}: "why" stands where ours differs from ASCP's result, and only there`);
  }
  if (Object.keys(ascp).length === 0) throw new TypeError(`${number}: ascp says nothing`);
}
