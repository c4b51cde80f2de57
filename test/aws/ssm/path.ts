import * as v from 'valibot';
import { pageSize, text } from '../constraints.ts';
import { type Context, present, read } from '../context.ts';
import { AwsError } from '../error.ts';
import { authorize } from '../iam/policy.ts';
import { pageOf } from '../paging.ts';
import { type Parameter, type ParameterVersion, parameterArn } from './store.ts';

const PathInput = v.object({
  Path: text(1, 2048),
  Recursive: v.optional(v.boolean()),
  WithDecryption: v.optional(v.boolean()),
  MaxResults: v.optional(pageSize(10)),
  NextToken: v.optional(v.string()),
});

type Render = (
  context: Context,
  parameter: Parameter,
  reading: { version: ParameterVersion; decrypt: boolean },
) => object;

/**
 * Answers GetParametersByPath with the latest version of each parameter below a path, in pages. The permission is needed for
 * the path as it is written, and not for the parameters below it.
 */
export function getParametersByPath(context: Context, input: unknown, render: Render): object {
  const { Path, Recursive, WithDecryption, MaxResults, NextToken } = read(PathInput, input);
  if (!/^\/[\w./-]*$/.test(Path)) {
    throw new AwsError(
      'ValidationException',
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  }
  authorize(context.caller, 'ssm:GetParametersByPath', parameterArn(context.location, Path));
  const { items, nextToken } = pageOf(parametersBelow(context, Path, Recursive ?? false), {
    token: NextToken,
    size: MaxResults ?? 10,
    refusal: 'InvalidNextToken',
  });
  return present({
    Parameters: items.flatMap((parameter) => {
      const version = parameter.versions.at(-1);
      return version === undefined ? [] : [render(context, parameter, { version, decrypt: WithDecryption ?? false })];
    }),
    NextToken: nextToken,
  });
}

function parametersBelow({ world, location }: Context, path: string, recursive: boolean): Parameter[] {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return [...world.parameters.values()]
    .filter(({ account, region }) => account === location.account && region === location.region)
    .filter(({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')))
    .sort((a, b) => a.name.localeCompare(b.name));
}
