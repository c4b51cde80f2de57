/** The help of `inject`. */
import type { Command } from '../command.ts';
import { CHANGES, CLUSTER, FILE, WRONG_USE } from '../options.ts';

export const inject: Command = {
  name: 'inject',
  summary: 'change manifests as the webhook would, for clusters without it',
  description:
    'Prints the manifests with every pod injected as the webhook would do it. Comments, order and style stay as they are, and only what the injection needs is added. What is injected already stays as it is. If a pod would be refused, nothing is printed but the reasons.',
  options: [FILE, ...CHANGES, ...CLUSTER],
  exitCodes: [
    { code: 0, meaning: 'all pods that declare something are injected' },
    { code: 1, meaning: 'a pod would be refused, or something that its injection depends on is not known' },
    WRONG_USE,
  ],
  examples: [
    {
      what: 'See what would be added',
      command: 'aws-secrets-injector inject -f manifests/ --region eu-west-1 --diff',
    },
    {
      what: 'Change the files',
      command: 'aws-secrets-injector inject -f manifests/ --region eu-west-1 --kubernetes 1.35 --write',
    },
    {
      what: 'Change what Kustomize builds',
      command: 'kustomize build . | aws-secrets-injector inject -f - --region eu-west-1 | kubectl apply -f -',
    },
  ],
  load: () => import('./command.ts'),
};
