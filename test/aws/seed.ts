import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Aws, AwsOptions } from './server.ts';

const account = z.string().regex(/^\d{12}$/);
const service = z.enum(['sts', 'secretsmanager', 'ssm', 'pod-identity']);

/** Is a secret of a seed file. */
export const Secret = z.strictObject({
  name: z.string(),
  value: z.string().optional().describe('a SecretString'),
  binary: z.base64().optional().describe('a SecretBinary, in base64'),
  account: account.optional(),
  versionId: z.string().optional(),
  stages: z.array(z.string()).optional(),
  kmsKeyArn: z.string().optional(),
  description: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  sharedWith: z.array(account).optional(),
  deleted: z.boolean().optional().describe('scheduled for deletion'),
});

/** Is a parameter of a seed file. */
export const Parameter = z.strictObject({
  name: z.string(),
  value: z.string(),
  type: z.enum(['String', 'StringList', 'SecureString']).optional(),
  account: account.optional(),
  labels: z.array(z.string()).optional(),
  kmsKeyArn: z.string().optional(),
  sharedWith: z.array(account).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

const policy = z.array(
  z.strictObject({
    effect: z.enum(['Allow', 'Deny']).optional(),
    actions: z.array(z.string()),
    resources: z.array(z.string()),
  }),
);

const Role = z.strictObject({
  arn: z.string(),
  trust: z
    .array(
      z.strictObject({ issuer: z.string(), subjects: z.array(z.string()), audiences: z.array(z.string()).optional() }),
    )
    .optional(),
  trustedPrincipals: z
    .array(z.strictObject({ arn: z.string(), externalId: z.string().optional(), tags: z.boolean().optional() }))
    .optional(),
  policy: policy.optional(),
  maxSessionSeconds: z.int().optional(),
});

const User = z.strictObject({
  arn: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  policy: policy.optional(),
});

const Issuer = z.strictObject({
  issuer: z.string(),
  jwksFile: z.string().describe('a JWKS as JSON: kubectl get --raw /openid/v1/jwks > FILE'),
  audiences: z.array(z.string()).optional(),
});

const Effect = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status'), status: z.int() }),
  z.strictObject({ kind: z.literal('throttle') }),
  z.strictObject({ kind: z.literal('access-denied') }),
  z.strictObject({
    kind: z.literal('error'),
    code: z.string(),
    message: z.string().optional(),
    status: z.int().optional(),
  }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('malformed') }),
  z.strictObject({ kind: z.literal('delay'), ms: z.number() }),
]);

const Fault = z.strictObject({
  effect: Effect,
  service: service.optional(),
  operation: z.string().optional(),
  name: z.string().optional(),
  region: z.string().optional(),
  times: z.int().optional(),
  afterMs: z.number().optional(),
  forMs: z.number().optional(),
});

const Region = z.strictObject({ secrets: z.array(Secret).default([]), parameters: z.array(Parameter).default([]) });

const Seed = z.strictObject({
  account: account.optional(),
  regions: z.record(z.string(), Region).default({}),
  roles: z.array(Role).default([]),
  users: z.array(User).default([]),
  issuers: z.array(Issuer).default([]),
  latency: z.partialRecord(service, z.number()).default({}),
  ssmCallsPerSecond: z.number().positive().optional(),
  faults: z.array(Fault).default([]),
});

/** Is the content of a seed file. */
export type Seed = z.infer<typeof Seed>;

/** Reads a seed file's text. Throws with what is wrong in it. */
export function parseSeed(text: string): Seed {
  const result = Seed.safeParse(parse(text) ?? {});
  if (!result.success) throw new TypeError(z.prettifyError(result.error));
  return result.data;
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

function sowSecret(aws: Aws, region: string, { value, binary, deleted, ...secret }: z.infer<typeof Secret>): void {
  if ((value === undefined) === (binary === undefined)) throw new TypeError(`${secret.name}: one of value and binary`);
  aws.setSecret({ ...secret, region, value: value ?? Buffer.from(binary ?? '', 'base64') });
  if (deleted) aws.deleteSecret(secret.name, { region, account: secret.account });
}
