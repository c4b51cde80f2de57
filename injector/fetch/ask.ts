/** One request for values in one region, and what its answer means. */
import { GetSecretValueCommand, type SecretValueEntry } from '@aws-sdk/client-secrets-manager';
import type { Parameter } from '@aws-sdk/client-ssm';
import type { Clients } from '../aws/clients.ts';
import { isAbsence, judge, named } from '../aws/error.ts';
import type { Source } from '../contract/source.ts';
import { bareParameterName } from '../plan/source.ts';
import { isTooLarge, type Secret } from '../secret.ts';

/** A source as one region is asked for it. */
export type Wanted = Pick<Source, 'service' | 'name' | 'version' | 'label'> & {
  readonly key: string;
  /** It may be missing. */
  readonly lenient: boolean;
};

export type Answer = {
  /** By key. */
  readonly values: ReadonlyMap<string, Secret>;
  /** What does not exist, by key, and the error that says so. */
  readonly missing: ReadonlyMap<string, Error>;
};

/**
 * AWS answered, and not everything exists: MissingParameters, or OptionalMissing where all that is missing may be.
 */
export class MissingError extends Error {
  override name: 'MissingParameters' | 'OptionalMissing';
  readonly answer: Answer;

  constructor(name: MissingError['name'], answer: Answer) {
    super(name);
    this.name = name;
    this.answer = answer;
  }
}

/** One GetSecretValue. Throws the SDK's error, MalformedAnswer, ValueTooLarge, or OptionalMissing. */
export async function askSecret(clients: Clients, wanted: Wanted): Promise<Answer> {
  const { key, name, version, label, lenient } = wanted;
  const command = new GetSecretValueCommand({
    SecretId: name,
    ...(version === undefined ? {} : { VersionId: version }),
    ...(label === undefined ? {} : { VersionStage: label }),
  });
  try {
    const value = valueIn(clients, await clients.secrets().send(command));
    return { values: new Map([[key, fitting(value)]]), missing: new Map() };
  } catch (error) {
    if (!lenient || !isAbsence(error) || !(error instanceof Error)) throw error;
    throw new MissingError('OptionalMissing', { values: new Map(), missing: new Map([[key, error]]) });
  }
}

/** Returns the value. Throws MalformedAnswer where there is none, and ValueTooLarge where no secret can be that large. */
export function fitting(value: Secret | undefined): Secret {
  if (value === undefined) throw named('MalformedAnswer');
  if (isTooLarge(value)) throw named('ValueTooLarge');
  return value;
}

/** A secret's value, as text or as bytes. */
export function valueIn(clients: Clients, { SecretString, SecretBinary }: SecretValueEntry): Secret | undefined {
  return clients.valueIn(SecretString ?? SecretBinary);
}

/**
 * One GetParameters. Throws the SDK's error, MalformedAnswer, ValueTooLarge, a {@link MissingError}; and BatchRefused, with the error as its
 * cause, where one of several is what is refused: asking the same again can't help, asking for each alone can.
 */
export async function askParameters(clients: Clients, batch: readonly Wanted[]): Promise<Answer> {
  const { GetParametersCommand } = await import('../aws/parameter-store.ts');
  const client = await clients.parameters();
  const command = new GetParametersCommand({ Names: batch.map(requestName), WithDecryption: true });
  const output = await client.send(command).catch((error) => {
    throw batch.length > 1 && judge(error) !== 'transient' ? named('BatchRefused', error) : error;
  });
  const { values, missing } = match(clients, batch, output.Parameters ?? []);
  if (missing.length === 0) return { values, missing: new Map() };
  // AWS names what does not exist; what it neither gives nor names was lost on the way.
  if (!missing.every((each) => output.InvalidParameters?.includes(requestName(each)))) throw named('MalformedAnswer');
  const absent = new Map(missing.map(({ key }) => [key, named('MissingParameters')]));
  const name = missing.every(({ lenient }) => lenient) ? 'OptionalMissing' : 'MissingParameters';
  throw new MissingError(name, { values, missing: absent });
}

function requestName({ name, version, label }: Wanted): string {
  const selector = version ?? label;
  return selector === undefined ? name : `${name}:${selector}`;
}

function match(clients: Clients, batch: readonly Wanted[], parameters: readonly Parameter[]) {
  const found = new Map<string, Secret>();
  for (const { Name, ARN, Value } of parameters) {
    const value = clients.valueIn(Value);
    if (value === undefined) continue;
    for (const name of [Name, ARN]) if (name !== undefined) found.set(bareParameterName(name), value);
  }
  const values = new Map<string, Secret>();
  const missing: Wanted[] = [];
  for (const wanted of batch) {
    const value = found.get(bareParameterName(wanted.name));
    if (value === undefined) missing.push(wanted);
    else values.set(wanted.key, fitting(value));
  }
  return { values, missing };
}
