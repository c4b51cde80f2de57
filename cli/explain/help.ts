/** The help of `explain`. */
import type { Command } from '../command.ts';
import { FORMATS } from '../formats.ts';
import { CONTEXT, FILE, KNOWN, output } from '../options.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'say what becomes of a pod or a workload, or why nothing was injected',
  description:
    'Explains a pod or a workload of the cluster, or the pods and pod templates in files: what it declares, which file or variable each reference becomes and in which containers, and by which role, region and endpoints it is fetched. For a pod that was not injected, it lists the conditions, which of them let the pod pass and what would change that. For a pod that fails, it shows the failures of the injected container with their fixes, and the events. For a workload, such as a Deployment, it explains the pod template and the newest pod, or the newest one that fails. It reads with your rights, and no secret.',
  arguments: [
    {
      syntax: '[object]',
      meaning:
        'the pod of the cluster, as pod/NAME or NAME, or the workload, as TYPE/NAME with a type as kubectl takes it',
    },
  ],
  options: [
    { flags: FILE.flags, meaning: `${FILE.meaning}, instead of an object of the cluster` },
    output('how explanations are written', FORMATS.explain),
    {
      flags: '-n, --namespace <name>',
      meaning: "the namespace of the object, if not the context's; for files, that of objects that name none",
    },
    CONTEXT,
    ...KNOWN.map((option) => ({ ...option, meaning: `for files: ${option.meaning}` })),
  ],
  exitCodes: [
    { code: 0, meaning: 'the pod gets what it declares, or declares nothing' },
    { code: 1, meaning: 'the pod declares what it does not get: it was not injected, fails, or would be refused' },
    { code: 2, meaning: 'the command line is wrong, there is no such object, or the cluster gives no answer' },
  ],
  examples: [
    { what: 'Explain a pod that does not start', command: 'aws-secrets-injector explain pod/web-7d4f9 -n shop' },
    {
      what: 'Explain why a Deployment has no pods, or pods without secrets',
      command: 'aws-secrets-injector explain deployment/web -n shop',
    },
    {
      what: 'Explain what a manifest asks for',
      command: 'aws-secrets-injector explain -f web.yaml --region eu-west-1',
    },
    {
      what: 'Explain a pod that somebody sent you',
      command: 'kubectl get pod web-7d4f9 -o yaml | aws-secrets-injector explain -f -',
    },
  ],
  load: () => import('./command.ts'),
};
