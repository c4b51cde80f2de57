/** The help of `rbac`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { CLUSTER, FILE, output, WRONG_USE } from '../options.ts';

export const rbac: Command = {
  name: 'rbac',
  summary: 'print the Role and RoleBinding of each ServiceAccount that makes Secrets',
  description:
    'Prints for each ServiceAccount whose pods in the files make Kubernetes Secrets (sync) the Role and the RoleBinding with which they can, and nothing else. The Role names these Secrets.',
  options: [FILE, output('yaml for kubectl apply -f -, or a List in JSON', FORMATS.rbac, 'yaml'), ...CLUSTER],
  exitCodes: [
    { code: 0, meaning: 'the Roles and RoleBindings are printed; nothing if no pod makes a Secret' },
    { code: 1, meaning: 'a pod would be refused' },
    WRONG_USE,
  ],
  examples: [
    { what: 'See what rights the pods need', command: 'aws-secrets-injector rbac -f manifests/' },
    { what: 'Give them these rights', command: 'aws-secrets-injector rbac -f manifests/ | kubectl apply -f -' },
  ],
  load: () => import('./command.ts'),
};
