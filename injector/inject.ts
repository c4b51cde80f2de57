/** Runs the steps of one run: plan, credentials, fetch, render, write. It may be called again with the same configuration. */
import { createAccess } from './aws/access.ts';
import { createCalls } from './aws/calls.ts';
import type { Clients } from './aws/clients.ts';
import type { Clock } from './aws/retry.ts';
import type { InjectorConfig } from './contract/config.ts';
import type { Failure } from './errors.ts';
import { explainCredentials } from './explain/credentials.ts';
import { fetchAll } from './fetch/fetch.ts';
import type { Fetched } from './fetch/results.ts';
import { logObjects, versionsOf } from './fetch/versions.ts';
import type { Log } from './log.ts';
import { possibleOutputs } from './plan/outputs.ts';
import { type Plan, plan } from './plan/plan.ts';
import type { Redactor } from './redactor.ts';
import { type Input, problemsOf, type Rendered, render } from './render/render.ts';
import { describe } from './report.ts';
import { CATALOGUE } from './services/catalogue.ts';
import type { WantedSecret } from './sync/apply.ts';
import type { Cluster } from './sync/sync.ts';
import { writeFiles } from './write/write.ts';

/** Has what one run gets from the process, beside the configuration. */
export type RunContext = {
  /** The directory that every path of the configuration is below; `/` in a pod. */
  readonly root: string;
  readonly podName: string;
  /** Has what the kubelet says about the cluster. Only a configuration with `sync` needs it. */
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Log;
  /** The redactor is given every secret. */
  readonly redactor: Redactor;
};

/**
 * Makes the Kubernetes Secrets, and then writes the files, of all that the configuration declares, or nothing. Removes what an
 * earlier run wrote and this one does not.
 * Returns all failures that are known then, and none if all was written.
 */
export async function inject(config: InjectorConfig, context: RunContext): Promise<Failure[]> {
  const { root, clock, log } = context;
  const started = clock.now();
  const planned = plan(config);
  if (planned.failures.length > 0) return planned.failures;
  const fetched = await fetchPlan(planned.plan, config, context);
  const rendered = render(config, fetched);
  for (const warning of rendered.warnings) log('warn', warning);
  const failures = [...fetched.failures, ...rendered.failures];
  if (failures.length > 0) return failures;
  const unsynced = await makeSecrets(rendered.secrets, config, context);
  if (unsynced.length > 0) return unsynced;
  const written = writeFiles(root, rendered.files, possibleOutputs(config));
  if (written.length === 0) logWritten(config, fetched, rendered, { log, milliseconds: clock.now() - started });
  return written;
}

/** Makes the Kubernetes Secrets. Returns a failure for each that could not be made. Without `sync` it does and loads nothing. */
export async function makeSecrets(
  secrets: readonly WantedSecret[],
  { namespace, sync, retryTimeoutSeconds }: InjectorConfig,
  context: RunContext,
): Promise<Failure[]> {
  if (sync === undefined) return [];
  const deadline = context.clock.now() + retryTimeoutSeconds * 1000;
  const { syncSecrets } = await import('./sync/sync.ts');
  return syncSecrets(secrets, { namespace, sync }, { ...context, deadline });
}

type Written = { readonly log: Log; readonly milliseconds: number };

/**
 * Logs that all files are written: how many, in what time, and the version of each object, so that the logs of many pods answer
 * which of them have an old value.
 */
export function logWritten(
  config: InjectorConfig,
  input: Input,
  { files, variables }: Rendered,
  { log, milliseconds }: Written,
): void {
  const environment = config.environment?.directory;
  log('info', 'All files are written.', {
    files: files.filter(({ directory }) => directory !== environment).length,
    variables,
    milliseconds: Math.round(milliseconds),
    versions: versionsOf(config, input),
  });
}

/** Fetches everything that the plan asks for, with credentials that are fetched first. */
export async function fetchPlan(what: Plan, config: InjectorConfig, context: RunContext): Promise<Fetched> {
  const { root, podName, clock, log, redactor } = context;
  const deadline = clock.now() + config.retryTimeoutSeconds * 1000;
  const report = firstTimes(log);
  const access = createAccess({
    config,
    root,
    podName,
    clock,
    deadline,
    prepare: (clients) => prepareServices(what, config, clients),
    redactor,
    onFailure: (error) => report(`${error.step} ${error.region}`, () => explainCredentials(error, config)),
  });
  const fetched = await fetchAll(what, {
    config,
    calls: createCalls(access, clock, deadline),
    clock,
    deadline,
    problems: problemsOf(config),
    report,
    warn: (message) => log('warn', message),
  });
  logObjects(config, fetched, log);
  return fetched;
}

/** Loads what makes requests, and the services that are asked first. */
async function prepareServices(plan: Plan, { searches = [] }: InjectorConfig, clients: Clients): Promise<void> {
  const services = new Set([...plan.batches, ...searches].map(({ service }) => service));
  await Promise.all([clients.prepare(), ...[...services].map((service) => CATALOGUE[service].load())]);
}

/** Returns a function that logs the failure of a subject when it first happens, and again when its code changes. */
function firstTimes(log: Log): (what: string, explain: () => Failure) => void {
  const last = new Map<string, string>();
  return (what, explain) => {
    const failure = explain();
    if (last.get(what) === failure.code) return;
    last.set(what, failure.code);
    log('warn', `A try failed: ${describe(failure)}`, { code: failure.code });
  };
}
