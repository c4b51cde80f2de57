/** The options and exit codes that several commands have. */
import type { Option } from './command.ts';

/** Names what a command reads. */
export const FILE: Option = {
  flags: '-f, --file <path...>',
  meaning: 'files, folders with .yaml, .yml and .json files at any depth, or - for standard input',
  required: true,
};

/** Returns the option that chooses how a command writes its results. */
export function output(meaning: string, choices: readonly string[], fallback = 'text'): Option {
  return { flags: '-o, --output <format>', meaning, fallback, choices };
}

/** The options of the commands that change files. */
export const CHANGES: readonly Option[] = [
  { flags: '-w, --write', meaning: 'write the files instead of printing them' },
  { flags: '-d, --diff', meaning: 'print what would be changed, as a unified diff' },
];

/** The options that say what is known of the cluster that files are for. */
export const KNOWN: readonly Option[] = [
  {
    flags: '--with <path...>',
    meaning:
      'further files to read ServiceAccounts, SecretProviderClasses and objects of External Secrets from, and nothing else',
  },
  { flags: '--values <path>', meaning: 'the values that the chart of the webhook is installed with' },
  { flags: '--region <name>', meaning: 'the AWS region of the cluster' },
  { flags: '--kubernetes <version>', meaning: 'the version of the API server and of all nodes, like 1.35' },
  {
    flags: '--complete',
    meaning:
      'the files hold all ServiceAccounts, SecretProviderClasses and ExternalSecrets, so that one which is missing is a mistake',
  },
];

/** The options of the commands that decide about pods in files. */
export const CLUSTER: readonly Option[] = [
  { flags: '-n, --namespace <name>', meaning: 'the namespace of objects that name none', fallback: 'default' },
  ...KNOWN,
];

/** Names the cluster that a command asks. */
export const CONTEXT: Option = {
  flags: '--context <name>',
  meaning: 'the context of the kubeconfig, if not the current one',
};

/** The exit code of commands that read files. */
export const WRONG_USE = { code: 2, meaning: 'the command line is wrong, or a file can not be read' };

/** The options of the policies of roles. */
export const ROLES: readonly Option[] = [
  {
    flags: '--account <id>',
    meaning: 'the AWS account of what is declared, where no role names it',
    fallback: '*',
  },
  { flags: '--oidc-provider <host>', meaning: 'the OIDC issuer of the cluster, for the trust policy' },
  { flags: '--kms-key <arn...>', meaning: 'the customer-managed keys that encrypt what is declared' },
];
