/** The help of `lint`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { CLUSTER, FILE, output, WRONG_USE } from '../options.ts';

export const lint: Command = {
  name: 'lint',
  summary: 'check manifests as the webhook would, before they are applied',
  description:
    'Checks every pod and pod template in the files by the code of the webhook itself, offline. A pod is reported as an error if the webhook would refuse it. Besides, it finds what no admission can see, such as annotations on a Deployment instead of its template. What depends on the cluster and is not in the files is said once and not guessed.',
  options: [
    FILE,
    output('how findings are written', FORMATS.lint),
    ...CLUSTER,
    { flags: '--strict', meaning: 'exit with 1 for warnings, too' },
  ],
  exitCodes: [
    { code: 0, meaning: 'nothing is wrong' },
    { code: 1, meaning: 'a pod would be refused, or a declaration has no effect' },
    WRONG_USE,
  ],
  examples: [
    { what: 'Check a folder', command: 'aws-secrets-injector lint -f manifests/' },
    {
      what: 'Check what Helm renders, for the cluster that it is meant for',
      command: 'helm template shop charts/shop | aws-secrets-injector lint -f - --region eu-west-1 --kubernetes 1.35',
    },
    { what: 'Annotate the lines of a pull request', command: 'aws-secrets-injector lint -f manifests/ -o github' },
  ],
  load: () => import('./command.ts'),
};
