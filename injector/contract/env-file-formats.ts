/** Names each format of env files, with how many bytes one byte of a value can become in it. */
export const ENV_FILE_GROWTH = { shell: 4, dotenv: 2, docker: 1, json: 6 } as const;

export type EnvFileFormat = keyof typeof ENV_FILE_GROWTH;

export const ENV_FILE_FORMATS = Object.keys(ENV_FILE_GROWTH) as readonly EnvFileFormat[];
