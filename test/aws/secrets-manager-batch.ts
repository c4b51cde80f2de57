import { z } from 'zod';
import { type Context, present, read } from './context.ts';
import { AwsError } from './error.ts';
import { authorize } from './iam.ts';
import type { Secret } from './secret-store.ts';

const Filter = z.object({
  Key: z.enum(['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all']),
  Values: z.array(z.string()).min(1).max(10),
});

const BatchInput = z.object({
  SecretIdList: z.array(z.string()).min(1).max(20, 'Member must have length less than or equal to 20').optional(),
  Filters: z.array(Filter).max(10).optional(),
  MaxResults: z.int().min(1).max(20).optional(),
  NextToken: z.string().optional(),
});

/** BatchGetSecretValue: what fails for one secret goes to Errors, with status 200. `get` reads one current value. */
export function batchGetSecretValue(context: Context, input: unknown, get: (id: string) => object): object {
  const { SecretIdList, Filters, MaxResults, NextToken } = read(BatchInput, input);
  authorize(context.caller, 'secretsmanager:BatchGetSecretValue', '*');
  if ((SecretIdList === undefined) === (Filters === undefined)) {
    throw invalid("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (SecretIdList !== undefined) {
    if (MaxResults !== undefined || NextToken !== undefined)
      throw invalid('MaxResults and NextToken go with Filters only.');
    return values(SecretIdList, get);
  }
  authorize(context.caller, 'secretsmanager:ListSecrets', '*');
  const ids = mine(context).filter((secret) => (Filters ?? []).every((filter) => passes(secret, filter)));
  const start = Number(NextToken ?? 0);
  const end = start + (MaxResults ?? 20);
  const page = values(
    ids.slice(start, end).map(({ arn }) => arn),
    get,
  );
  return present({ ...page, NextToken: end < ids.length ? String(end) : undefined });
}

function values(ids: string[], get: (id: string) => object): { SecretValues: object[]; Errors: object[] } {
  const SecretValues: object[] = [];
  const Errors: object[] = [];
  for (const SecretId of ids) {
    try {
      SecretValues.push(get(SecretId));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
    }
  }
  return { SecretValues, Errors };
}

function mine({ world, place }: Context): Secret[] {
  return [...world.secrets.values()].filter(
    (secret) => secret.account === place.account && secret.region === place.region && secret.deletedAt === undefined,
  );
}

/** Values are prefixes; one with `!` before it excludes. Any value is enough. */
function passes(secret: Secret, { Key, Values }: z.infer<typeof Filter>): boolean {
  const texts = {
    name: [secret.name],
    description: [secret.description ?? ''],
    'tag-key': Object.keys(secret.tags),
    'tag-value': Object.values(secret.tags),
    'primary-region': [],
    'owning-service': [],
    all: [secret.name, secret.description ?? '', ...Object.entries(secret.tags).flat()],
  }[Key];
  const has = (prefix: string) => texts.some((text) => text.startsWith(prefix));
  return Values.some((value) => (value.startsWith('!') ? !has(value.slice(1)) : has(value)));
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
