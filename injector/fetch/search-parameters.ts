/** All parameters below a path of Parameter Store, page by page. */
import { named } from '../aws/error.ts';
import { SEARCH_BYTES } from '../contract/sizes.ts';
import type { Secret } from '../secret.ts';
import { createRoom, type ListOptions, listAll } from './search-list.ts';

/** Returns the values by name below the path. Rejects with a RegionError; NothingFound unless nothing is fine. */
export async function parametersBelow(
  path: string,
  { ask, optional, remaining }: Pick<ListOptions, 'ask' | 'optional' | 'remaining'>,
): Promise<Map<string, Secret>> {
  // AWS takes the path without its last slash, and policies are written for that.
  const top = path.replace(/(?<=.)\/+$/, '');
  const about = { action: 'ssm:GetParametersByPath', name: top };
  const room = createRoom(SEARCH_BYTES.ssm);
  const found = await listAll({ ask, optional, about, room, remaining }, async (clients, token) => {
    const { GetParametersByPathCommand } = await import('../aws/parameter-store.ts');
    const client = await clients.parameters();
    const command = new GetParametersByPathCommand({
      Path: top,
      Recursive: true,
      WithDecryption: true,
      MaxResults: 10,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const { Parameters = [], NextToken } = await client.send(command);
    const items = Parameters.map(({ Name, Value }) => {
      const [key, value] = [Name === undefined ? undefined : keyBelow(top, Name), clients.valueIn(Value)];
      if (key === undefined || value === undefined) throw named('MalformedAnswer');
      return [key, value] as const;
    });
    const bytes = items.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + value.length, 0);
    return { items, bytes, next: NextToken };
  });
  return new Map(found);
}

/** Undefined where the parameter is not below the path, and was not asked for. */
function keyBelow(top: string, name: string): string | undefined {
  if (top === '/') return name.replace(/^\//, '');
  return name.startsWith(`${top}/`) ? name.slice(top.length + 1) : undefined;
}
