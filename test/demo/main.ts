/** `npm run demo`: the product's main job from annotation to file, on this machine alone. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { ProviderClass } from '../../webhook/declare/provider-class.ts';
import { diffLines } from './diff.ts';
import { type Run, runInitContainer } from './kubelet.ts';
import { environment, listing } from './listing.ts';
import { admitted, type Manifest, podOf, readManifest, reviewOf } from './review.ts';
import { startWebhook } from './webhook.ts';
import { startWorld } from './world.ts';

const USAGE = `The main job, end to end, on this machine alone: in-memory AWS, webhook over TLS, the compiled init container.

npm run demo -- [options]
  --file FILE      a Deployment of your own instead of those that come with the demo; its secrets must be in test/demo/world.ts
  --show-values    show the files' contents instead of masking them
  --help           this text

Exit code 0 where everything went as it should, 1 elsewhere.
`;

const { values } = parseArgs({
  options: {
    file: { type: 'string' },
    'show-values': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const print = (...lines: string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
const title = (text: string): void => print('', styleText('bold', `── ${text} `.padEnd(100, '─')));
const here = (name: string): string => new URL(name, import.meta.url).pathname;

if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

const started = performance.now();
const world = await startWorld();
const classes = new Map<string, ProviderClass>();
const webhook = await startWebhook({ endpointUrl: world.aws.url, classes });
const folder = mkdtempSync(join(tmpdir(), 'aws-secrets-injector-demo-'));

/** Admits a pod of the Deployment, runs its init container, and says how it went; undefined where it was refused. */
async function play(file: string): Promise<Run | undefined> {
  const { deployment, classes: found } = read(file);
  for (const [className, provided] of found) classes.set(className, provided);
  const { name, namespace } = deployment.metadata;
  const pod = podOf(deployment);
  const answer = await webhook.review(reviewOf(pod, namespace));
  const { response } = answer;
  print(`${webhook.url} answers: ${response.allowed ? 'allowed' : `refused (${response.status?.code})`}`);
  if (!response.allowed || !response.patch) {
    print(response.status?.message ?? 'The pod declares nothing: nothing is added.');
    return undefined;
  }
  const after = admitted(pod, answer, `${name}-7d4f8b9c6-x2x9k`);
  for (const line of diffLines(podOf(deployment), { ...after, metadata: { ...after.metadata, name: undefined } })) {
    print(line.startsWith('+') ? styleText('green', line) : line.startsWith('-') ? styleText('red', line) : line);
  }
  const binary = here('../../dist/aws-secrets-injector');
  return runInitContainer(after, { binary, root: join(folder, name), token: world.token() });
}

function read(file: string): Manifest {
  return readManifest(parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS()));
}

/** Writes the lines with which `kubectl describe pod` shows an init container that ended. */
function describe({ exitCode, terminationMessage }: Run): string[] {
  const message = terminationMessage.trimEnd().split('\n');
  return [
    'Init Containers:',
    '  aws-secrets-injector:',
    '    State:       Terminated',
    `      Reason:    ${exitCode === 0 ? 'Completed' : 'Error'}`,
    ...message.map((line, index) => (index === 0 ? `      Message:   ${line}` : `                 ${line}`)),
    `      Exit Code: ${exitCode}`,
  ];
}

function show(run: Run | undefined): void {
  if (!run) return;
  title(`the init container ran with exactly that environment: exit code ${run.exitCode}`);
  print(run.log.trimEnd());
  if (run.exitCode !== 0) print('', ...describe(run));
  else {
    const options = { showValues: values['show-values'] };
    for (const { mountPath, directory } of run.folders)
      print('', `${mountPath}, as the app sees it:`, ...listing(directory, options));
    if (run.variables.size > 0) print('', "the app's environment:", ...environment(run.variables, options));
  }
}

let ok: boolean;
try {
  title('a Deployment declares secrets; its pod is admitted');
  const good = await play(values.file ?? here('deployment.yaml'));
  show(good);
  ok = good?.exitCode === 0;
  if (!values.file) {
    title('a Deployment for the CSI driver, unmodified; Fargate schedules its pod');
    const csi = await play(here('csi.yaml'));
    show(csi);
    title('another asks for what is not there, or not its own');
    const bad = await play(here('broken.yaml'));
    show(bad);
    ok &&= csi?.exitCode === 0 && bad?.exitCode === 10;
  }
  title('what AWS saw');
  for (const { operation, names, sessionName, outcome, error } of world.aws.calls) {
    print(`${operation} ${names.join(' ')}  by ${sessionName ?? '-'}  ${outcome} ${error ?? ''}`.trimEnd());
  }
} finally {
  await webhook.close();
  await world.aws.close();
  rmSync(folder, { recursive: true, force: true });
}
print(
  '',
  `${ok ? 'All as it should be' : 'NOT as it should be'}, in ${((performance.now() - started) / 1000).toFixed(1)} s.`,
);
process.exitCode = ok ? 0 : 1;
