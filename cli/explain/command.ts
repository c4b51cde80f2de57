/** Runs `explain`: for a pod or a workload of the cluster, or for the pods and pod templates in files. */
import { readPrevious } from '../../webhook/reinvocation/previous.ts';
import { misplacedIn } from '../../webhook/workload/misplaced.ts';
import { type Examined, examine } from '../admission/examine.ts';
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import type { World } from '../admission/world.ts';
import type { ClusterOptions } from '../cluster/cluster.ts';
import type { LivePod } from '../cluster/objects.ts';
import type { Format } from '../formats.ts';
import { describeObject, findInInput, type Template } from '../manifests/find.ts';
import { EXIT, type Input, type Run, type Shell, UsageError } from '../shell.ts';
import { type Explanation, explainPod, explainTemplate, isFinding, type Live } from './explanation.ts';
import { gather } from './gather.ts';
import { write } from './output.ts';
import { explainWorkload } from './workload.ts';

export type ExplainOptions = Omit<ReadOptions, 'file' | 'namespace'> &
  ClusterOptions & {
    readonly file?: readonly string[];
    readonly output: Format<'explain'>;
    /** The pod, as `pod/NAME` or `NAME`, or the workload, as `TYPE/NAME`. */
    readonly arguments: readonly (string | undefined)[];
  };

/** The names of pods. They need no look at what resources there are. */
const POD: readonly string[] = ['pod', 'pods', 'po'];

/** Exits with 1 if a pod declares what it does not get. */
export const run: Run<ExplainOptions> = async (options, shell) => {
  const [target] = options.arguments;
  if ((target === undefined) === (options.file === undefined)) {
    throw new UsageError(
      'Name a pod or a workload, as in explain pod/NAME or deployment/NAME, or files by -f: one of the two.',
    );
  }
  const explanations =
    target === undefined ? await explainFiles(options, shell) : await explainInCluster(target, options, shell);
  shell.out(write(explanations, options.output));
  return explanations.some(isFinding) ? EXIT.findings : EXIT.fine;
};

async function explainInCluster(target: string, options: ExplainOptions, shell: Shell): Promise<Explanation[]> {
  const [, type = 'pod', name] = /^(?:([^/]+)\/)?([^/]+)$/.exec(target) ?? [];
  if (name === undefined) {
    throw new UsageError(`${target} is no name: write pod/NAME, or TYPE/NAME as in deployment/web. Name files by -f.`);
  }
  const cluster = await shell.cluster(options);
  if (!POD.includes(type.toLowerCase())) return explainWorkload(cluster, type, name);
  return [explainPod(`Pod ${cluster.namespace}/${name}`, await gather(cluster, name))];
}

async function explainFiles(options: ExplainOptions, shell: Shell): Promise<Explanation[]> {
  const { file = [], namespace = 'default' } = options;
  const inputs = shell.inputs(file);
  const world = readWorld(inputs, { ...options, file, namespace }, shell);
  const explanations: Explanation[] = [];
  for (const [index, input] of inputs.entries()) {
    shell.progress(`${index} of ${inputs.length} files explained`);
    explanations.push(...(await explainInput(input, world)));
  }
  if (explanations.length === 0) throw new UsageError(`There is no pod and no pod template in ${file.join(', ')}.`);
  return explanations;
}

async function explainInput(input: Input, world: World): Promise<Explanation[]> {
  const { templates, described } = findInInput(input);
  return Promise.all(
    templates.map(async (template) => {
      const around = described.filter(({ owner }) => owner === template.owner);
      const object = describeObject(template.owner, world.namespace);
      const examined = await examine(template, world);
      const live = liveIn(template, examined);
      return live ? explainPod(object, live) : explainTemplate(object, examined, around.flatMap(misplacedIn));
    }),
  );
}

/** Returns the state of an injected pod that somebody wrote into a file, as by kubectl get pod -o yaml. */
function liveIn({ owner }: Template, examined: Examined): Live | undefined {
  const previous =
    examined.ok && owner.kind === 'Pod' && owner.value['status'] ? readPrevious(examined.pod) : undefined;
  if (!examined.ok || !previous) return undefined;
  // The API server wrote it, and has checked its form.
  const pod = owner.value as unknown as LivePod;
  return { pod, read: examined.pod, previous, events: { kind: 'absent' }, misplaced: [], unknown: [] };
}
