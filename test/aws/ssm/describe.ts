import * as v from 'valibot';
import { list, pageSize, text } from '../constraints.ts';
import { type Context, epoch, present, read } from '../context.ts';
import { AwsError } from '../error.ts';
import { authorize } from '../iam/policy.ts';
import { pageOf } from '../paging.ts';
import type { Parameter } from './store.ts';

const Filter = v.object({
  Key: v.pipe(
    text(1, 132),
    v.regex(/^(tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$/, 'Member must satisfy regular expression pattern'),
  ),
  Option: v.optional(text(1, 10)),
  Values: v.optional(list(text(1, 1024), 1, 50)),
});

const DescribeInput = v.object({
  ParameterFilters: v.optional(v.array(Filter)),
  MaxResults: v.optional(pageSize(50)),
  NextToken: v.optional(v.string()),
});

type Filter = v.InferOutput<typeof Filter>;

/**
 * Answers DescribeParameters with what is known of each parameter that all filters match, and never with a value. It knows the filters by
 * tags and by path. The permission can be given for all parameters only.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
export function describeParameters(context: Context, input: unknown): object {
  const { ParameterFilters = [], MaxResults, NextToken } = read(DescribeInput, input);
  const { world, location } = context;
  authorize(context.caller, 'ssm:DescribeParameters', `arn:aws:ssm:${location.region}:${location.account}:*`);
  const keys = ParameterFilters.map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) throw new AwsError('InvalidFilterKey', 'Filter keys must be unique.');
  const matches = ParameterFilters.map(matcherOf);
  const found = [...world.parameters.values()]
    .filter(({ account, region }) => account === location.account && region === location.region)
    .filter((parameter) => matches.every((isMatch) => isMatch(parameter)))
    .sort((a, b) => a.name.localeCompare(b.name));
  const { items, nextToken } = pageOf(found, {
    token: NextToken,
    size: MaxResults ?? 10,
    refusal: 'InvalidNextToken',
  });
  return present({ Parameters: items.flatMap(described), NextToken: nextToken });
}

function matcherOf({ Key, Option, Values = [] }: Filter): (parameter: Parameter) => boolean {
  if (Key.startsWith('tag:')) {
    if (Option !== undefined && Option !== 'Equals') throw optionError(Option, Key);
    const key = Key.slice('tag:'.length);
    return ({ tags }) => Object.hasOwn(tags, key) && (Values.length === 0 || Values.includes(tags[key] ?? ''));
  }
  if (Key !== 'Path') throw new AwsError('InvalidFilterKey', `The in-memory AWS does not know the filter ${Key}.`);
  if (Option !== undefined && Option !== 'Recursive' && Option !== 'OneLevel') throw optionError(Option, Key);
  if (Values.length === 0 || !Values.every((value) => /^\/[\w./-]*$/.test(value))) {
    throw new AwsError('InvalidFilterValue', 'The path must begin with a forward slash "/".');
  }
  return ({ name }) =>
    Values.some((value) => {
      const prefix = value.endsWith('/') ? value : `${value}/`;
      return name.startsWith(prefix) && (Option === 'Recursive' || !name.slice(prefix.length).includes('/'));
    });
}

function optionError(option: string, key: string): AwsError {
  return new AwsError('InvalidFilterOption', `The filter option ${option} is not valid for the key ${key}.`);
}

function described({ name, arn, versions }: Parameter): object[] {
  const version = versions.at(-1);
  if (version === undefined) return [];
  const { type, modifiedAt, version: number } = version;
  return [{ Name: name, ARN: arn, Type: type, Version: number, LastModifiedDate: epoch(modifiedAt), DataType: 'text' }];
}
