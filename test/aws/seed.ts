import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { parse } from 'yaml';
import { problemsIn } from '../../injector/contract/schema-problems.ts';
import { texts } from '../../injector/contract/texts.ts';
import type { Aws, AwsOptions } from './server.ts';

const account = v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be an account of 12 digits'));
const SERVICES = ['sts', 'secretsmanager', 'ssm', 'pod-identity'] as const;
const strings = v.array(v.string());
const wholeNumber = v.pipe(v.number(), v.safeInteger('must be a whole number'));

/** Is a secret of a seed file. */
export const Secret = v.strictObject({
  name: v.string(),
  /** A SecretString. */
  value: v.optional(v.string()),
  /** A SecretBinary, in base64. */
  binary: v.optional(v.pipe(v.string(), v.base64('must be base64'))),
  account: v.optional(account),
  versionId: v.optional(v.string()),
  stages: v.optional(strings),
  kmsKeyArn: v.optional(v.string()),
  description: v.optional(v.string()),
  tags: v.optional(texts),
  sharedWith: v.optional(v.array(account)),
  /** True if it is scheduled for deletion. */
  deleted: v.optional(v.boolean()),
});

/** Is a parameter of a seed file. */
export const Parameter = v.strictObject({
  name: v.string(),
  value: v.string(),
  type: v.optional(v.picklist(['String', 'StringList', 'SecureString'])),
  account: v.optional(account),
  labels: v.optional(strings),
  kmsKeyArn: v.optional(v.string()),
  sharedWith: v.optional(v.array(account)),
  tags: v.optional(texts),
});

const policy = v.array(
  v.strictObject({
    effect: v.optional(v.picklist(['Allow', 'Deny'])),
    actions: strings,
    resources: strings,
  }),
);

const Role = v.strictObject({
  arn: v.string(),
  trust: v.optional(v.array(v.strictObject({ issuer: v.string(), subjects: strings, audiences: v.optional(strings) }))),
  trustedPrincipals: v.optional(
    v.array(v.strictObject({ arn: v.string(), externalId: v.optional(v.string()), tags: v.optional(v.boolean()) })),
  ),
  policy: v.optional(policy),
  maxSessionSeconds: v.optional(wholeNumber),
});

const User = v.strictObject({
  arn: v.string(),
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
  policy: v.optional(policy),
});

const Issuer = v.strictObject({
  issuer: v.string(),
  /** A JWKS as JSON: kubectl get --raw /openid/v1/jwks > FILE. */
  jwksFile: v.string(),
  audiences: v.optional(strings),
});

const Effect = v.variant('kind', [
  v.strictObject({ kind: v.literal('status'), status: wholeNumber }),
  v.strictObject({ kind: v.literal('throttle') }),
  v.strictObject({ kind: v.literal('access-denied') }),
  v.strictObject({
    kind: v.literal('error'),
    code: v.string(),
    message: v.optional(v.string()),
    status: v.optional(wholeNumber),
  }),
  v.strictObject({ kind: v.literal('reset') }),
  v.strictObject({ kind: v.literal('hang') }),
  v.strictObject({ kind: v.literal('malformed') }),
  v.strictObject({ kind: v.literal('delay'), ms: v.number() }),
]);

const Fault = v.strictObject({
  effect: Effect,
  service: v.optional(v.picklist(SERVICES)),
  operation: v.optional(v.string()),
  name: v.optional(v.string()),
  region: v.optional(v.string()),
  times: v.optional(wholeNumber),
  afterMs: v.optional(v.number()),
  forMs: v.optional(v.number()),
});

const Region = v.strictObject({
  secrets: v.optional(v.array(Secret), []),
  parameters: v.optional(v.array(Parameter), []),
});

const Seed = v.strictObject({
  account: v.optional(account),
  regions: v.optional(v.record(v.string(), Region), {}),
  roles: v.optional(v.array(Role), []),
  users: v.optional(v.array(User), []),
  issuers: v.optional(v.array(Issuer), []),
  latency: v.optional(v.strictObject(v.entriesFromList(SERVICES, v.optional(v.number()))), {}),
  ssmCallsPerSecond: v.optional(v.pipe(v.number(), v.gtValue(0, 'must be more than 0'))),
  faults: v.optional(v.array(Fault), []),
});

/** Is the content of a seed file. */
export type Seed = v.InferOutput<typeof Seed>;

/** Reads a seed file's text. Throws with what is wrong in it. */
export function parseSeed(text: string): Seed {
  const result = v.safeParse(Seed, parse(text) ?? {});
  if (!result.success) throw new TypeError(problemsIn(result.issues).join('\n'));
  return result.output;
}

/** The part of a seed that a server is started with. */
export function seedOptions({ account, latency, ssmCallsPerSecond }: Seed): AwsOptions {
  return { account, latency, ssmCallsPerSecond };
}

/** Puts the rest of a seed into a server. */
export function sow(aws: Aws, seed: Seed): void {
  for (const [region, { secrets, parameters }] of Object.entries(seed.regions)) {
    for (const secret of secrets) sowSecret(aws, region, secret);
    for (const parameter of parameters) aws.setParameter({ ...parameter, region });
  }
  for (const { jwksFile, ...issuer } of seed.issuers) {
    aws.addIssuer({ ...issuer, jwks: JSON.parse(readFileSync(jwksFile, 'utf8')) });
  }
  for (const role of seed.roles) aws.addRole(role);
  for (const user of seed.users) aws.addUser(user);
  for (const fault of seed.faults) aws.fault(fault);
}

function sowSecret(
  aws: Aws,
  region: string,
  { value, binary, deleted, ...secret }: v.InferOutput<typeof Secret>,
): void {
  if ((value === undefined) === (binary === undefined)) throw new TypeError(`${secret.name}: one of value and binary`);
  aws.setSecret({ ...secret, region, value: value ?? Buffer.from(binary ?? '', 'base64') });
  if (deleted) aws.deleteSecret(secret.name, { region, account: secret.account });
}
