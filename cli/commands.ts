/** The commands of the program: their options and examples. `--help` and the pages in docs/commands/ are made from this table. */
import { FOLDER_VARIABLE } from './exec/folder.ts';
import { FORMATS as EXPLANATION_FORMATS } from './explain/output.ts';
import { FORMATS as GET_FORMATS } from './get/output.ts';
import { FORMATS as POLICY_FORMATS } from './iam-policy/output.ts';
import { FORMATS } from './lint/output.ts';
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

const FILE: Option = {
  flags: '-f, --file <path...>',
  meaning: 'files, folders with .yaml, .yml and .json files at any depth, or - for standard input',
  required: true,
};

/** The options that say what is known of the cluster that files are for. */
const KNOWN: readonly Option[] = [
  {
    flags: '--with <path...>',
    meaning: 'further files to read ServiceAccounts and SecretProviderClasses from, and nothing else',
  },
  { flags: '--values <path>', meaning: 'the values that the chart of the webhook is installed with' },
  { flags: '--region <name>', meaning: 'the AWS region of the cluster' },
  { flags: '--kubernetes <version>', meaning: 'the version of the API server and of all nodes, like 1.35' },
  {
    flags: '--complete',
    meaning: 'the files hold all ServiceAccounts and SecretProviderClasses, so that one which is missing is a mistake',
  },
];

const CLUSTER: readonly Option[] = [
  { flags: '-n, --namespace <name>', meaning: 'the namespace of objects that name none', fallback: 'default' },
  ...KNOWN,
];

const CONTEXT: Option = { flags: '--context <name>', meaning: 'the context of the kubeconfig, if not the current one' };

const WRONG_USE = { code: 2, meaning: 'the command line is wrong, or a file can not be read' };

export const COMMANDS: readonly Command[] = [
  {
    name: 'lint',
    summary: 'check manifests as the webhook would, before they are applied',
    description:
      'Checks every pod and pod template in the files by the code of the webhook itself, offline. A pod is reported as an error if the webhook would refuse it. Besides, it finds what no admission can see, such as annotations on a Deployment instead of its template. What depends on the cluster and is not in the files is said once and not guessed.',
    options: [
      FILE,
      {
        flags: '-o, --output <format>',
        meaning: 'how findings are written',
        fallback: 'text',
        choices: FORMATS,
      },
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
    load: () => import('./lint/command.ts'),
  },
  {
    name: 'inject',
    summary: 'change manifests as the webhook would, for clusters without it',
    description:
      'Prints the manifests with every pod injected as the webhook would do it. Comments, order and style stay as they are, and only what the injection needs is added. What is injected already stays as it is. If a pod would be refused, nothing is printed but the reasons.',
    options: [
      FILE,
      { flags: '-w, --write', meaning: 'write the files instead of printing them' },
      { flags: '-d, --diff', meaning: 'print what would be changed, as a unified diff' },
      ...CLUSTER,
    ],
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
    load: () => import('./inject/command.ts'),
  },
  {
    name: 'explain',
    summary: 'say what becomes of a pod, or why nothing was injected into it',
    description:
      'Explains a pod of the cluster, or the pods and pod templates in files: what it declares, which file or variable each reference becomes and in which containers, and by which role, region and endpoints it is fetched. For a pod that was not injected, it lists the conditions, which of them let the pod pass and what would change that. For a pod that fails, it shows the failures of the injected container with their fixes, and the events. It reads with your rights, and no secret.',
    arguments: [{ syntax: '[pod]', meaning: 'the pod of the cluster, as pod/NAME or NAME' }],
    options: [
      { flags: FILE.flags, meaning: `${FILE.meaning}, instead of a pod` },
      {
        flags: '-o, --output <format>',
        meaning: 'how explanations are written',
        fallback: 'text',
        choices: EXPLANATION_FORMATS,
      },
      {
        flags: '-n, --namespace <name>',
        meaning: "the namespace of the pod, if not the context's; for files, that of objects that name none",
      },
      CONTEXT,
      ...KNOWN.map((option) => ({ ...option, meaning: `for files: ${option.meaning}` })),
    ],
    exitCodes: [
      { code: 0, meaning: 'the pod gets what it declares, or declares nothing' },
      { code: 1, meaning: 'the pod declares what it does not get: it was not injected, fails, or would be refused' },
      { code: 2, meaning: 'the command line is wrong, there is no such pod, or the cluster gives no answer' },
    ],
    examples: [
      { what: 'Explain a pod that does not start', command: 'aws-secrets-injector explain pod/web-7d4f9 -n shop' },
      {
        what: 'Explain what a manifest asks for',
        command: 'aws-secrets-injector explain -f web.yaml --region eu-west-1',
      },
      {
        what: 'Explain a pod that somebody sent you',
        command: 'kubectl get pod web-7d4f9 -o yaml | aws-secrets-injector explain -f -',
      },
    ],
    load: () => import('./explain/command.ts'),
  },
  {
    name: 'iam-policy',
    summary: 'print the least IAM policy and the trust policy of each role',
    description:
      'Prints for each role that the pods in the files use what it has to be allowed to read what they declare, and nothing else, and whom it has to trust. A role that another one assumes (role-arn) is printed, too.',
    options: [
      FILE,
      {
        flags: '-o, --output <format>',
        meaning: 'json, or a whole file for Terraform or CloudFormation, both in JSON',
        fallback: 'json',
        choices: POLICY_FORMATS,
      },
      {
        flags: '--account <id>',
        meaning: 'the AWS account of what is declared, where no role names it',
        fallback: '*',
      },
      { flags: '--oidc-provider <host>', meaning: 'the OIDC issuer of the cluster, for the trust policy' },
      { flags: '--kms-key <arn...>', meaning: 'the customer-managed keys that encrypt what is declared' },
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
    load: () => import('./iam-policy/command.ts'),
  },
  {
    name: 'exec',
    summary: 'run a command with the files and variables that a pod would get',
    description: `Fetches what a pod declares with your own AWS credentials, found as the AWS CLI finds them, and runs the command with it. What the injector delivers as variables, the command gets as variables. A file of the pod is at the same path below the folder that the variable ${FOLDER_VARIABLE} names. Only you can read that folder. It is in memory where the system has a tmpfs, and it is removed when the command ends. Signals are passed on to the command.`,
    arguments: [{ syntax: '<command...>', meaning: 'the command and its arguments, after --' }],
    options: [
      FILE,
      { flags: '-c, --container <name>', meaning: 'the container to stand in for, if several get secrets' },
      { flags: '--object <kind/name>', meaning: 'the object whose pod is meant, if several declare secrets' },
      ...CLUSTER.filter(({ flags }) => !/^--(kubernetes|complete|region)/.test(flags)),
      {
        flags: '--region <name>',
        meaning: 'the AWS region of the cluster; else the one of the environment or the profile',
      },
    ],
    exitCodes: [
      { code: 1, meaning: 'the pod would be refused, or AWS does not give what it declares; the command has not run' },
      WRONG_USE,
      { code: 127, meaning: 'there is no such command; 126 if it can not be started' },
      { code: 128, meaning: 'and the number of the signal, if a signal ended the command; else its own exit code' },
    ],
    examples: [
      { what: 'Start an app', command: 'aws-secrets-injector exec -f deployment.yaml -- npm start' },
      {
        what: 'See the files of one container',
        command: `aws-secrets-injector exec -f deployment.yaml -c web -- sh -c 'find "$${FOLDER_VARIABLE}" -type f'`,
      },
    ],
    load: () => import('./exec/command.ts'),
  },
  {
    name: 'get',
    summary: 'print the version of a secret, or its value with --reveal',
    description:
      'Asks AWS for what a reference names, with your own AWS credentials, found as the AWS CLI finds them. Prints names, versions, sizes and the keys of JSON. The value is printed with --reveal only, byte for byte.',
    arguments: [
      { syntax: '<reference>', meaning: 'a reference as annotations have it, or all parameters below ssm:/PATH/' },
    ],
    options: [
      { flags: '-o, --output <format>', meaning: 'how it is written', fallback: 'text', choices: GET_FORMATS },
      {
        flags: '--region <name>',
        meaning: 'the AWS region; else the one of an ARN, of the environment or the profile',
      },
      { flags: '--reveal', meaning: 'print the value, and nothing else' },
    ],
    exitCodes: [
      { code: 0, meaning: 'it is printed' },
      { code: 1, meaning: 'AWS does not give what the reference names' },
      { code: 2, meaning: 'the command line is wrong, or there are no credentials' },
    ],
    examples: [
      { what: 'See which version is there', command: 'aws-secrets-injector get shop/db' },
      { what: 'Print one part', command: "aws-secrets-injector get 'shop/db#password' --reveal" },
      { what: 'List what is below a path', command: 'aws-secrets-injector get ssm:/shop/ -o json' },
    ],
    load: () => import('./get/command.ts'),
  },
];
