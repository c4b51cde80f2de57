/** Runs `check`: looks at the cluster once, or until nothing is wrong. */
import type { ClusterOptions } from '../cluster/cluster.ts';
import { EXIT, type Run, UsageError } from '../shell.ts';
import { checkAfter, checkBefore } from './gather.ts';
import type { Item } from './items.ts';
import { type Format, write } from './output.ts';

export type CheckOptions = ClusterOptions & {
  readonly output: Format;
  readonly pre?: boolean;
  /** The namespace that the webhook will be installed in. */
  readonly installNamespace: string;
  /** How long to wait, in seconds, as the user wrote it. */
  readonly wait?: string;
};

/** The time between two looks (milliseconds). */
const PAUSE_MS = 2000;

/** Exits with 1 if something is wrong. */
export const run: Run<CheckOptions> = async (options, shell) => {
  const deadline = shell.now().getTime() + secondsOf(options.wait) * 1000;
  const cluster = await shell.cluster(options);
  for (;;) {
    const items = options.pre
      ? await checkBefore(cluster, options.installNamespace)
      : await checkAfter(cluster, shell.now());
    const wrong = items.filter(isToWaitFor);
    if (wrong.length === 0 || shell.now().getTime() >= deadline) {
      shell.out(write(items, options.output));
      return items.some(({ result }) => result === 'problem') ? EXIT.findings : EXIT.fine;
    }
    shell.progress(`waiting for ${wrong.map(({ name }) => name).join(', ')}`);
    await shell.pause(PAUSE_MS);
  }
};

/** A rollout that is under way is no problem, and worth waiting for. */
function isToWaitFor({ name, result }: Item): boolean {
  return result === 'problem' || (result === 'note' && name === 'webhook-running');
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`--wait ${text} is no number of seconds; write one like 120.`);
  return Number(text);
}
