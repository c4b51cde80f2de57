/** All parameters below a path of Parameter Store, page by page. */
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import type { Ask } from '../aws/calls.ts';
import { named } from '../aws/error.ts';
import { Secret } from '../secret.ts';
import { listAll } from './search-list.ts';

/** By name below the path. Rejects with a RegionError; NothingFound unless nothing is fine. */
export async function parametersBelow(
  path: string,
  { ask, optional }: { readonly ask: Ask; readonly optional: boolean },
): Promise<Map<string, Secret>> {
  // AWS takes the path without its last slash, and policies are written for that.
  const top = path.replace(/(?<=.)\/+$/, '');
  const about = { action: 'ssm:GetParametersByPath', name: top };
  const found = await listAll({ ask, optional, about }, async (clients, token) => {
    const command = new GetParametersByPathCommand({
      Path: top,
      Recursive: true,
      WithDecryption: true,
      MaxResults: 10,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { Parameters = [], NextToken } = await clients.parameters().send(command);
    const items = Parameters.map(({ Name, Value }) => {
      if (Name === undefined || Value === undefined) throw named('MalformedAnswer');
      return [Name.slice(top === '/' ? 1 : top.length + 1), new Secret(Value)] as const;
    });
    return { items, next: NextToken };
  });
  return new Map(found);
}
