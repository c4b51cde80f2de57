/** Runs `check`: looks at the cluster once, or until nothing is wrong. */
import { type Cluster, type ClusterOptions, mapAnswer } from '../cluster/cluster.ts';
import type { Format } from '../formats.ts';
import { EXIT, type Run, type Shell, UsageError } from '../shell.ts';
import { checkAfter, checkBefore } from './gather.ts';
import type { Item } from './items.ts';
import { judgeProvider } from './oidc.ts';
import { write } from './output.ts';

export type CheckOptions = ClusterOptions & {
  readonly output: Format<'check'>;
  readonly pre?: boolean;
  /** The namespace that the webhook will be installed in. */
  readonly installNamespace: string;
  /** The seconds to wait, as the user wrote them. */
  readonly wait?: string;
};

/** The time between two looks (milliseconds). */
const PAUSE_MS = 2000;

/** Exits with 1 if something is wrong. */
export const run: Run<CheckOptions> = async (options, shell) => {
  const deadline = shell.now().getTime() + secondsOf(options.wait) * 1000;
  const cluster = await shell.cluster(options);
  const provider = await readProvider(cluster, shell);
  for (;;) {
    const seen = options.pre
      ? await checkBefore(cluster, options.installNamespace)
      : await checkAfter(cluster, shell.now());
    const items = [...seen, provider];
    const wrong = items.filter(isToWaitFor);
    if (wrong.length === 0 || shell.now().getTime() >= deadline) {
      shell.out(write(items, options.output));
      return items.some(({ result }) => result === 'problem') ? EXIT.findings : EXIT.fine;
    }
    shell.progress(`waiting for ${wrong.map(({ name }) => name).join(', ')}`);
    await shell.pause(PAUSE_MS);
  }
};

/** Looks once for what AWS knows of the cluster: it does not change while somebody waits. */
async function readProvider(cluster: Cluster, shell: Shell): Promise<Item> {
  const discovery = await cluster.read<{ readonly issuer?: string }>('/.well-known/openid-configuration');
  const issuer = mapAnswer(discovery, (document) => document.issuer ?? '');
  return judgeProvider(issuer, issuer.kind === 'found' ? await shell.provider(issuer.value) : { kind: 'absent' });
}

/** A rollout that is under way is no problem, and worth waiting for. */
function isToWaitFor({ name, result }: Item): boolean {
  return result === 'problem' || (result === 'note' && name === 'webhook-running');
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`--wait ${text} is no number of seconds; write one like 120.`);
  return Number(text);
}
