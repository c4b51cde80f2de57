/** One look at AWS: fetches, compares, renders and publishes. Whatever fails, the files stay as they are. */
import type { InjectorConfig } from '../contract/config.ts';
import { type Failure, InjectorError } from '../errors.ts';
import { fetchPlan, logWritten, makeSecrets, type RunContext } from '../inject.ts';
import type { Log } from '../log.ts';
import { fileDirectories } from '../plan/outputs.ts';
import type { Plan } from '../plan/plan.ts';
import { type Rendered, render } from '../render/render.ts';
import { unexpected } from '../report.ts';
import { publishFiles } from '../write/publish.ts';
import { type Change, type Known, withoutPinned } from './change.ts';
import { joinFitting } from './fit.ts';

/** Is the result of one look at AWS. Without a changed file nobody has to be told anything. */
export type Round = {
  readonly changes: readonly Change[];
  /** The paths of the files that are new. */
  readonly files: readonly string[];
  /** Everything that went wrong. The last good values stand. */
  readonly failures: readonly Failure[];
  /** False if the files could not be made or written. */
  readonly published: boolean;
};

/** The most seconds for which one look tries again. The next look comes soon enough. */
const RETRY_SECONDS = 30;

/**
 * Returns a function that looks at AWS. The first look has the time and the log lines of an init container's only run. If the
 * files of an earlier process are there (`again`), it has no more time than any other look: the kubelet does nothing else for
 * the pod while the hook waits.
 */
export function createRounds(
  config: InjectorConfig,
  plan: Plan,
  context: RunContext & { readonly again: boolean },
): () => Promise<Round> {
  const { clock, log, redactor } = context;
  const limited = { ...config, retryTimeoutSeconds: Math.min(config.retryTimeoutSeconds, RETRY_SECONDS) };
  const first = context.again ? limited : config;
  const quiet: Log = (_, message, fields) => log('debug', message, fields);
  let known: Known | undefined;
  let secrets: Rendered['secrets'] = [];
  let isFirst = true;
  const look = async (): Promise<Round> => {
    const started = clock.now();
    redactor.forget();
    for (const value of valuesOf(known)) redactor.addValue(value);
    const fetched = isFirst
      ? await fetchPlan(plan, first, context)
      : await fetchPlan(withoutPinned(plan, known), limited, { ...context, log: quiet });
    isFirst = false;
    const joined = joinFitting(config, known, fetched, clock.random());
    const { changes, failures } = joined;
    if (!joined.complete) return { ...NOTHING, failures };
    if (known !== undefined && changes.length === 0) {
      known = joined.known;
      // Somebody may have changed or deleted a Secret.
      const unsynced = await makeSecrets(secrets, limited, context);
      return { ...NOTHING, failures: [...failures, ...unsynced], published: true };
    }
    const rendered = render(config, joined.known);
    const written = await writeAll(rendered, { config: limited, context, isFirst: known === undefined });
    const all = [...failures, ...written.failures];
    if (!written.published) return { ...NOTHING, failures: all };
    secrets = rendered.secrets;
    if (known === undefined) logWritten(config, joined.known, rendered, { log, milliseconds: clock.now() - started });
    known = joined.known;
    return { changes, files: written.changed, failures: all, published: true };
  };
  return async () => {
    try {
      return await look();
    } catch (error) {
      return { ...NOTHING, failures: error instanceof InjectorError ? error.failures : [unexpected(error)] };
    }
  };
}

const NOTHING: Round = { changes: [], files: [], failures: [], published: false };

function valuesOf(known: Known | undefined) {
  if (known === undefined) return [];
  return [...known.values.values(), ...[...known.found.values()].flatMap((entries) => [...entries.values()])];
}

type Writing = { readonly config: InjectorConfig; readonly context: RunContext; readonly isFirst: boolean };

/**
 * Makes the Kubernetes Secrets, and then writes the files. A pod does not start without its Secrets: then no file is written. One
 * that runs gets its new files all the same.
 */
async function writeAll(rendered: Rendered, { config, context, isFirst }: Writing) {
  if (rendered.failures.length > 0) return { changed: [], failures: rendered.failures, published: false };
  const unsynced = await makeSecrets(rendered.secrets, config, context);
  if (isFirst && unsynced.length > 0) return { changed: [], failures: unsynced, published: false };
  const { changed, failures } = write(config, rendered, context);
  return { changed, failures: [...unsynced, ...failures], published: failures.length === 0 };
}

function write(config: InjectorConfig, { files, warnings }: Rendered, { root, log }: RunContext) {
  for (const warning of warnings) log('warn', warning);
  const isVariable = ({ directory }: { directory: string }) => directory === config.environment?.directory;
  return publishFiles(root, {
    directories: fileDirectories(config),
    files: files.filter((file) => !isVariable(file)),
    variables: files.filter(isVariable),
  });
}
