/**
 * Makes and updates Kubernetes Secrets by server-side apply, with the ServiceAccount of the pod. Each is read first, so that of many
 * pods with the same values one writes, and all others find nothing to do. Of several Secrets, none is made unless all can be.
 */
import { type Clock, createRetries, retrying } from '../aws/retry.ts';
import type { InjectorConfig } from '../contract/config.ts';
import { FIELD_MANAGER, MANAGED_BY } from '../contract/sync.ts';
import type { ConfigSync, Owner } from '../contract/sync-schema.ts';
import type { Failure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Redactor } from '../redactor.ts';
import { decide, type Obstacle, type PresentSecret, type WantedSecret } from './apply.ts';
import { ApiError, explainError } from './explain.ts';
import { type ApiAnswer, type ApiServer, ask } from './request.ts';

/** Has what the kubelet says about the cluster and the pod, and empty texts where it says nothing. */
export type Cluster = { readonly apiServer: ApiServer; readonly podUid: string };

export type SyncContext = {
  readonly root: string;
  readonly podName: string;
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** The time of the clock at which no request is made again, in milliseconds. */
  readonly deadline: number;
  readonly log: Log;
  readonly redactor: Pick<Redactor, 'addCredential' | 'addValue'>;
};

type Config = Pick<InjectorConfig, 'namespace'> & { readonly sync: ConfigSync };

/** Another pod wrote the Secret between our reading and our writing: after so many times something else is wrong. */
const MOST_CONFLICTS = 20;

/** The longest pause after a conflict, in milliseconds. */
const CONFLICT_PAUSE = 250;

type Result = 'unchanged' | 'written' | Failure;

/** Makes and updates the Secrets. Returns a failure for each that could not be; if one can not be, none is written. */
export async function syncSecrets(
  wanted: readonly WantedSecret[],
  config: Config,
  context: SyncContext,
): Promise<Failure[]> {
  // The words of the API server, or of a policy, may quote what it was sent.
  for (const value of wanted.flatMap(({ data }) => [...data.values()])) {
    context.redactor.addValue(value);
    context.redactor.addCredential(Buffer.from(value.reveal()).toString('base64'));
  }
  const each = (dryRun: boolean) => Promise.all(wanted.map((secret) => syncOne(secret, { dryRun, config, context })));
  if (wanted.length > 1) {
    const results = await each(true);
    const failures = failuresIn(results);
    if (failures.length > 0 || results.every((result) => result === 'unchanged')) return failures;
  }
  const results = await each(false);
  for (const [index, result] of results.entries()) {
    const name = wanted[index]?.name;
    if (result === 'written') context.log('info', `The Secret ${name} is up to date.`, { secret: name });
  }
  return failuresIn(results);
}

function failuresIn(results: readonly Result[]): Failure[] {
  return results.filter((result) => typeof result === 'object');
}

type Pass = { readonly dryRun: boolean; readonly config: Config; readonly context: SyncContext };

async function syncOne(wanted: WantedSecret, pass: Pass): Promise<Result> {
  const { clock, deadline } = pass.context;
  try {
    return await retrying(createRetries(clock, deadline), () => tryOne(wanted, pass));
  } catch (error) {
    return explainError(wanted.name, error, pass.config);
  }
}

/** Reads the Secret and writes it if it has to change, until nobody writes at the same time. Throws what may heal. */
async function tryOne(wanted: WantedSecret, { dryRun, config, context }: Pass): Promise<Result> {
  const { root, clock, cluster } = context;
  const path = `/api/v1/namespaces/${config.namespace}/secrets/${wanted.name}`;
  const query = `?fieldManager=${FIELD_MANAGER}&force=true${dryRun ? '&dryRun=All' : ''}`;
  for (let conflicts = 0; ; conflicts += 1) {
    const read = await ask(cluster.apiServer, root, { method: 'GET', path });
    const decision = decide(wanted, presentIn(read), ownersOf(config.sync, context));
    if (decision === 'unchanged') return 'unchanged';
    if (typeof decision === 'string') return refused(wanted, decision, { read, namespace: config.namespace });
    const body = JSON.stringify(decision.body);
    const answer = await ask(cluster.apiServer, root, { method: 'PATCH', path: path + query, body });
    if (answer.status < 300) return 'written';
    if (answer.status === 422 || answer.status === 400) {
      return explainError(wanted.name, new ApiError(answer), config);
    }
    if (answer.status !== 409 || conflicts >= MOST_CONFLICTS) throw new ApiError(answer);
    await clock.sleep(clock.random() * CONFLICT_PAUSE);
  }
}

function presentIn(answer: ApiAnswer): PresentSecret | undefined {
  if (answer.status === 404) return undefined;
  const body = Object(answer.body) as { kind?: unknown };
  if (answer.status !== 200 || body.kind !== 'Secret') throw new ApiError(answer);
  return body as PresentSecret;
}

type Found = { readonly read: ApiAnswer; readonly namespace: string };

function refused({ name, type }: WantedSecret, why: Obstacle, { read, namespace }: Found): Failure {
  const subject = `Secret ${name}`;
  const headline = `The Secret "${name}" was not made.`;
  if (why === 'foreign') {
    const label = `${MANAGED_BY.label}=${MANAGED_BY.value}`;
    const fix = `Write another secretName into secretObjects, delete the Secret, or let the injector have it: kubectl label secret ${name} -n ${namespace} ${label} --overwrite`;
    return { code: 'ASI_SYNC_FOREIGN', subject, headline, fix };
  }
  if (why === 'immutable') {
    const cause = 'It is immutable, and its values are others now: Kubernetes never changes an immutable Secret.';
    const fix = `Let it be made anew: kubectl delete secret ${name} -n ${namespace}`;
    return { code: 'ASI_SYNC_REFUSED', subject, headline, cause, fix };
  }
  const cause = `It exists with the type ${(read.body as PresentSecret).type}, and ${type} is declared. Kubernetes never changes the type of a Secret.`;
  return { code: 'ASI_SYNC_TYPE', subject, headline, cause };
}

/** Returns the owners of the pod, or the pod itself if it has none. */
function ownersOf({ owners }: ConfigSync, { podName, cluster }: SyncContext): readonly Owner[] {
  return owners ?? [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid: cluster.podUid }];
}
