/** The pipeline: plan, credentials, fetch, render, write. May be called again and again with one configuration. */
import { join } from 'node:path';
import { createClients, createStsClient } from './clients.ts';
import type { InjectorConfig } from './config.ts';
import { assumeRole } from './credentials.ts';
import type { Failure } from './errors.ts';
import { explainCredentials, explainFetch, type Place } from './explain.ts';
import { fetchAll, type Outcome } from './fetch.ts';
import type { Log } from './log.ts';
import { type Plan, plan, sourceKey } from './plan.ts';
import { render } from './render.ts';
import { describe } from './report.ts';
import { type Clock, createRetries, named } from './retry.ts';
import { writeFiles } from './write.ts';

export type Surroundings = {
  /** The root of every path in the configuration; `/` in a pod. */
  readonly root: string;
  readonly podName: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** Writes everything that the configuration declares, or nothing: then the failures say why, all at once. */
export async function inject(config: InjectorConfig, surroundings: Surroundings): Promise<Failure[]> {
  const { root, clock, log } = surroundings;
  const deadline = clock.now() + config.retryTimeoutSeconds * 1000;
  const planned = plan(config);
  if (planned.failures.length > 0) return planned.failures;
  const place = { region: config.region, roleArn: roleOf(config) };
  const fetched = await fetchPlan(planned.plan, config, { ...surroundings, deadline, place });
  if (!('values' in fetched)) return [fetched];
  const rendered = render(config, fetched.values);
  const failures = [
    ...fetched.failures.map(({ source, error }) => explainFetch(source, error, place)),
    ...rendered.failures,
  ];
  if (failures.length > 0) return failures;
  const written = writeFiles(join(root, config.directory), rendered.files);
  if (written.length === 0) log('info', 'All files are written.', { files: rendered.files.length });
  return written;
}

async function fetchPlan(
  what: Plan,
  config: InjectorConfig,
  { root, podName, clock, log, deadline, place }: Surroundings & { readonly deadline: number; readonly place: Place },
): Promise<Outcome | Failure> {
  const told = firstTimes(log);
  const sts = createStsClient(config);
  try {
    const credentials = await assumeRole(sts, {
      namespace: config.namespace,
      roleArn: place.roleArn,
      tokenFile: join(root, config.identity.tokenFile),
      podName,
      retries: createRetries(clock, deadline),
      onFailure: (error) => told('sts', () => explainCredentials(error, place)),
    });
    log('debug', 'The role is assumed.', { role: place.roleArn, region: config.region });
    const retries = createRetries(clock, deadline);
    const clients = createClients(config, credentials, retries);
    const fetched = await fetchAll(what, {
      clients,
      retries,
      onFailure: (source, error) => told(sourceKey(source), () => explainFetch(source, error, place)),
    });
    clients.secrets.destroy();
    clients.parameters.destroy();
    return fetched;
  } catch (error) {
    return explainCredentials(error, place);
  } finally {
    sts.destroy();
  }
}

/** Logs a failure of each thing when it first happens, and again when its kind changes. */
function firstTimes(log: Log): (what: string, explain: () => Failure) => void {
  const last = new Map<string, string>();
  return (what, explain) => {
    const failure = explain();
    if (last.get(what) === failure.code) return;
    last.set(what, failure.code);
    log('warn', `A try failed: ${describe(failure)}`, { code: failure.code });
  };
}

function roleOf({ identity }: InjectorConfig): string {
  if (identity.kind === 'pod-identity') throw named('PodIdentityUnsupported');
  return identity.roleArn;
}
