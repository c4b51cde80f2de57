/** Runs the plan: everything at once but a few requests in flight, every failure collected, none ends the others. */
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, type Parameter } from '@aws-sdk/client-ssm';
import type { FinalizeRequestMiddleware, MetadataBearer, MiddlewareStack } from '@smithy/types';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Clients } from './clients.ts';
import type { Failure } from './errors.ts';
import { bareParameterName, type Plan, type Source, sourceKey } from './plan.ts';
import { judge, named, type Retries } from './retry.ts';
import { Secret } from './secret.ts';

/** Requests in flight, over both services. A request that waits for its next try holds no place. */
const CONCURRENCY = 8;

export type FetchFailure = { readonly source: Source; readonly error: unknown };

/** What AWS gave, and what it did not, already explained. */
export type Fetched = {
  /** By `sourceKey`. */
  readonly values: ReadonlyMap<string, Secret>;
  /** What AWS says does not exist, by `sourceKey`: a failure unless all its outputs are lenient. */
  readonly absent: ReadonlyMap<string, Failure>;
  /** By index into the configuration's searches, then by key: the name below the path, or the secret's name. */
  readonly found: ReadonlyMap<number, ReadonlyMap<string, Secret>>;
  readonly failures: readonly Failure[];
};

export type Outcome = { readonly values: Map<string, Secret>; readonly failures: FetchFailure[] };

export type FetchOptions = {
  readonly clients: Clients;
  readonly retries: Retries;
  /** Hears of every failed try. */
  readonly onFailure: (source: Source, error: unknown) => void;
};

type Context = FetchOptions & Outcome & { readonly limit: LimitFunction };

/** Fetches every source of the plan once. Never rejects because of an object: its failure is in the result. */
export async function fetchAll(plan: Plan, options: FetchOptions): Promise<Outcome> {
  const context: Context = { ...options, values: new Map(), failures: [], limit: pLimit(CONCURRENCY) };
  await Promise.all([
    ...plan.secrets.map((source) => fetchSecret(source, context)),
    ...plan.batches.map((batch) => fetchBatch(batch, context)),
  ]);
  const order = [...plan.secrets, ...plan.batches.flat()];
  const failures = context.failures.sort((a, b) => order.indexOf(a.source) - order.indexOf(b.source));
  return { values: context.values, failures };
}

async function fetchSecret(source: Source, context: Context): Promise<void> {
  const command = new GetSecretValueCommand({
    SecretId: source.name,
    ...(source.version === undefined ? {} : { VersionId: source.version }),
    ...(source.label === undefined ? {} : { VersionStage: source.label }),
  });
  watch(command.middlewareStack, {
    context,
    sources: [source],
    check: ({ SecretString, SecretBinary }) => (SecretString ?? SecretBinary) !== undefined || named('MalformedAnswer'),
  });
  try {
    const { SecretString, SecretBinary } = await context.clients.secrets.send(command);
    const value = SecretString ?? SecretBinary;
    if (value !== undefined) context.values.set(sourceKey(source), new Secret(value));
  } catch (error) {
    context.failures.push({ source, error });
  }
}

async function fetchBatch(batch: readonly Source[], context: Context): Promise<void> {
  const command = new GetParametersCommand({ Names: batch.map(requestName), WithDecryption: true });
  watch(command.middlewareStack, {
    context,
    sources: batch,
    check: (output) => {
      const { found, missing } = match(batch, output.Parameters ?? []);
      for (const [key, value] of found) context.values.set(key, value);
      return missing.length === 0 || absence(missing, output.InvalidParameters ?? []);
    },
  });
  try {
    await context.clients.parameters.send(command);
  } catch (error) {
    await settleBatch(batch, error, context);
  }
}

/** What a failed batch means for its members: some were not there, or each is asked alone to see which is refused. */
async function settleBatch(batch: readonly Source[], error: unknown, context: Context): Promise<void> {
  if (error instanceof Error && error.name === 'BatchRefused') {
    await Promise.all(batch.map((source) => fetchBatch([source], context)));
    return;
  }
  for (const source of batch) {
    if (!context.values.has(sourceKey(source))) context.failures.push({ source, error });
  }
}

function requestName({ name, version, label }: Source): string {
  const selector = version ?? label;
  return selector === undefined ? name : `${name}:${selector}`;
}

function match(batch: readonly Source[], parameters: readonly Parameter[]) {
  const values = new Map<string, string>();
  for (const { Name, ARN, Value } of parameters) {
    if (Value === undefined) continue;
    for (const name of [Name, ARN]) if (name !== undefined) values.set(bareParameterName(name), Value);
  }
  const found = new Map<string, Secret>();
  const missing: Source[] = [];
  for (const source of batch) {
    const value = values.get(bareParameterName(source.name));
    if (value === undefined) missing.push(source);
    else found.set(sourceKey(source), new Secret(value));
  }
  return { found, missing };
}

/** AWS names what does not exist; what it neither gives nor names was lost on the way. */
function absence(missing: readonly Source[], invalid: readonly string[]): Error {
  return named(
    missing.every((source) => invalid.includes(requestName(source))) ? 'MissingParameters' : 'MalformedAnswer',
  );
}

type Watch<Output> = {
  readonly context: Context;
  readonly sources: readonly Source[];
  /** True, or what is wrong with an answer that AWS calls good. */
  readonly check: (output: Output) => true | Error;
};

/** Goes around every single try, inside the SDK's retries: a place among the requests in flight, the answer's check, the ear. */
function watch<Input extends object, Output extends MetadataBearer>(
  stack: MiddlewareStack<Input, Output>,
  { context, sources, check }: Watch<Output>,
): void {
  let last: unknown;
  const fail = (error: unknown): never => {
    last = refused(error, sources);
    if (last === error) tell(error, sources, context);
    throw last;
  };
  const middleware: FinalizeRequestMiddleware<Input, Output> = (next) => (args) =>
    context.limit(async () => {
      if (last !== undefined && context.retries.remaining() < 0) throw last;
      const result = await next(args).catch(fail);
      const checked = check(result.output);
      return checked === true ? result : fail(checked);
    });
  stack.add(middleware, { step: 'finalizeRequest', priority: 'low', name: 'watchAttempt' });
}

/** A batch that is refused for what one of its members is, is not tried again as a batch. */
function refused(error: unknown, sources: readonly Source[]): unknown {
  const name = error instanceof Error ? error.name : '';
  return sources.length > 1 && judge(error) !== 'transient' && name !== 'MissingParameters'
    ? named('BatchRefused')
    : error;
}

function tell(error: unknown, sources: readonly Source[], { values, onFailure }: Context): void {
  for (const source of sources) if (!values.has(sourceKey(source))) onFailure(source, error);
}
