/** The help of `iam-policy`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { CLUSTER, FILE, output, ROLES, WRONG_USE } from '../options.ts';

export const iamPolicy: Command = {
  name: 'iam-policy',
  summary: 'print the least IAM policy and the trust policy of each role',
  description:
    'Prints for each role that the pods in the files use what it has to be allowed to read what they declare, and nothing else, and whom it has to trust. Roles that are assumed after these (role-arn) are printed, too.',
  options: [
    FILE,
    output('json, or a whole file for Terraform or CloudFormation, both in JSON', FORMATS['iam-policy'], 'json'),
    ...ROLES,
    ...CLUSTER,
  ],
  exitCodes: [
    { code: 0, meaning: 'the policies are printed' },
    { code: 1, meaning: 'a pod would be refused, or the region is not known' },
    WRONG_USE,
  ],
  examples: [
    { what: 'See what the roles need', command: 'aws-secrets-injector iam-policy -f manifests/ --region eu-west-1' },
    {
      what: 'Make the roles by Terraform',
      command:
        'aws-secrets-injector iam-policy -f manifests/ --region eu-west-1 --oidc-provider oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE -o terraform >roles.tf.json',
    },
  ],
  load: () => import('./command.ts'),
};
