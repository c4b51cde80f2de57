/** The help of `check`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { CONTEXT, output } from '../options.ts';

export const check: Command = {
  name: 'check',
  summary: 'check an installation of the webhook, or whether a cluster is ready for one',
  description:
    'Looks at the cluster and writes one line for each thing, with what to do if it is wrong: versions, region and nodes, the registration of the webhook with its caBundle and certificate, its Deployment, its rights, the policy behind it, the identity webhook, and, if there are AWS credentials, the IAM OIDC provider. It asks the API server to create an annotated pod as a dry run, which shows that the whole way works. Nothing is changed, and what you may not see is named as not looked at.',
  options: [
    { flags: '--pre', meaning: 'check the cluster before the installation, and your rights to install' },
    { flags: '--wait <seconds>', meaning: 'look again until nothing is wrong, for so many seconds at most' },
    output('how items are written', FORMATS.check),
    {
      flags: '-n, --namespace <name>',
      meaning: "the namespace of the pod in the dry run, if not the context's; it must not be exempt",
    },
    {
      flags: '--install-namespace <name>',
      meaning: 'with --pre: the namespace that the webhook will be installed in',
      fallback: 'aws-secrets-injector',
    },
    CONTEXT,
  ],
  exitCodes: [
    { code: 0, meaning: 'nothing is wrong, as far as it could be looked at' },
    { code: 1, meaning: 'something is wrong' },
    { code: 2, meaning: 'the command line is wrong, or the cluster gives no answer' },
  ],
  examples: [
    { what: 'See whether a cluster is ready for the installation', command: 'aws-secrets-injector check --pre' },
    { what: 'Wait in a pipeline until pods are injected', command: 'aws-secrets-injector check --wait 120' },
  ],
  load: () => import('./command.ts'),
};
