import * as v from 'valibot';
import { list, pageSize, text } from '../constraints.ts';
import { type Context, present, read } from '../context.ts';
import { AwsError } from '../error.ts';
import { authorize } from '../iam/policy.ts';
import { pageOf } from '../paging.ts';
import { Filter, filterSecrets } from './filter.ts';

const BatchInput = v.object({
  SecretIdList: v.optional(list(text(1, 2048), 1, 20)),
  Filters: v.optional(list(Filter, 0, 10)),
  MaxResults: v.optional(pageSize(20)),
  NextToken: v.optional(text(1, 4096)),
});

/**
 * Answers BatchGetSecretValue. A failure of one secret goes to Errors, with status 200. `get` reads one current value, with the
 * permission for that secret. Its own permission, and that of ListSecrets, has no resource: only `*` gives it.
 */
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
  const { items, nextToken } = pageOf(filterSecrets(context, Filters ?? []), {
    token: NextToken,
    size: MaxResults ?? 20,
    refusal: 'InvalidNextTokenException',
  });
  const found = values(
    items.map(({ arn }) => arn),
    get,
  );
  return present({ ...found, NextToken: nextToken });
}

/** Returns the values in an order that is rarely the one that was asked for, as AWS promises none. */
function values(ids: string[], get: (id: string) => object): { SecretValues: object[]; Errors: object[] } {
  const SecretValues: object[] = [];
  const Errors: object[] = [];
  for (const SecretId of ids.toReversed()) {
    try {
      SecretValues.push(get(SecretId));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
    }
  }
  return { SecretValues, Errors };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
