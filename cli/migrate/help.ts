/** The help of `migrate`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { CHANGES, CLUSTER, FILE, ROLES, WRONG_USE } from '../options.ts';

const WITH = {
  flags: '--with <path...>',
  meaning:
    'further files to read ServiceAccounts, SecretProviderClasses, ExternalSecrets and their stores from, and nothing else',
};

export const migrate: Command = {
  name: 'migrate',
  summary: 'change pods of External Secrets and of the CSI driver to annotations',
  description:
    'Prints the manifests with what pods get from ExternalSecrets and SecretProviderClasses as annotations of their own, and says on standard error what each role needs, what could not be migrated, and why. A document is migrated as a whole or stays as it is. Comments, order and style stay. ExternalSecrets and classes stay, too, as running pods need them: the report says which of them to delete later. Annotations of the Vault agent are only listed.',
  options: [
    FILE,
    ...CHANGES,
    {
      flags: '-o, --output <what>',
      meaning: 'the manifests, or the report with the policies of all roles as JSON',
      fallback: 'manifests',
      choices: FORMATS.migrate,
    },
    ...ROLES,
    ...CLUSTER.map((option) => (option.flags === WITH.flags ? WITH : option)),
  ],
  exitCodes: [
    { code: 0, meaning: 'everything is migrated' },
    { code: 1, meaning: 'something stays as it is, or a ServiceAccount has no role yet' },
    WRONG_USE,
  ],
  examples: [
    { what: 'See what would change', command: 'aws-secrets-injector migrate -f manifests/ --diff' },
    {
      what: 'Change the files, with a cluster store that is elsewhere',
      command: 'aws-secrets-injector migrate -f apps/ --with platform/store.yaml --region eu-west-1 --write',
    },
    {
      what: 'See only what is left to do',
      command: 'aws-secrets-injector migrate -f manifests/ -o json',
    },
  ],
  load: () => import('./command.ts'),
};
