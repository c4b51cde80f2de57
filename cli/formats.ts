/** Lists the formats in which commands write. The table of commands needs them at every start, without what writes them. */
export const FORMATS = {
  check: ['text', 'json', 'yaml'],
  explain: ['text', 'json', 'yaml'],
  get: ['text', 'json'],
  'iam-policy': ['json', 'terraform', 'cloudformation'],
  lint: ['text', 'json', 'sarif', 'github'],
  migrate: ['manifests', 'json'],
  rbac: ['yaml', 'json'],
} as const;

/** Is one of the formats of a command. */
export type Format<Name extends keyof typeof FORMATS> = (typeof FORMATS)[Name][number];
