/** Names each format of env files, with how many bytes one byte of a value can become in it. */
export const ENV_FILE_GROWTH = { shell: 4, dotenv: 2, 'python-dotenv': 2, docker: 1, json: 6 } as const;

export type EnvFileFormat = keyof typeof ENV_FILE_GROWTH;

export const ENV_FILE_FORMATS = Object.keys(ENV_FILE_GROWTH) as readonly EnvFileFormat[];

/** Returns the format that a name of a file stands for: `.json` at its end for json, `.env` and `.env.NAME` for dotenv, else shell. */
export function formatOfName(path: string): EnvFileFormat {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.endsWith('.json')) return 'json';
  return name === '.env' || name.startsWith('.env.') ? 'dotenv' : 'shell';
}
