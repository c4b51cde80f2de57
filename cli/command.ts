/** Describes a command for `--help`, for the pages in docs/commands/ and for completion. */
import type { Run } from './shell.ts';

export type Option = {
  /** The flags as commander reads them: `-f, --file <path...>`. */
  readonly flags: string;
  readonly meaning: string;
  readonly fallback?: string | readonly string[];
  readonly choices?: readonly string[];
  readonly required?: true;
};

export type Command = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Sentences for those who read the help of this command. */
  readonly description: string;
  /** The arguments as commander reads them: `<name>`, `[name]`, `[names...]`. */
  readonly arguments?: readonly { readonly syntax: string; readonly meaning: string }[];
  readonly options: readonly Option[];
  readonly exitCodes: readonly { readonly code: number; readonly meaning: string }[];
  /** Each command is given whole, under the name `aws-secrets-injector`. */
  readonly examples: readonly { readonly what: string; readonly command: string }[];
  /** Loads what the command needs, and nothing that others need. */
  readonly load: () => Promise<{ readonly run: Run<never> }>;
};
