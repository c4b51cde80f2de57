/** Defines what the module of an AWS service offers to those who fetch values. */
import type { Ask } from '../aws/calls.ts';
import type { Clients } from '../aws/clients.ts';
import { named } from '../aws/error.ts';
import type { ConfigSearch } from '../contract/config.ts';
import type { Source } from '../contract/source.ts';
import { isTooLarge, type Secret } from '../secret.ts';

/** One object as one region is asked for it. */
export type Wanted = Pick<Source, 'service' | 'name' | 'version' | 'label'> & {
  readonly key: string;
  /** True if the object may be missing. */
  readonly lenient: boolean;
};

export type Answer = {
  /** The values by key. */
  readonly values: ReadonlyMap<string, Secret>;
  /** The errors of the objects that do not exist, by key. */
  readonly missing: ReadonlyMap<string, Error>;
};

export type SearchOptions = {
  readonly ask: Ask;
  /** True if the search may find nothing. If it is false, an empty result is the error NothingFound, which is tried again. */
  readonly optional: boolean;
  /** Returns the milliseconds until the run's deadline, after which no further page is requested. */
  readonly remaining: () => number;
  readonly warn: (message: string) => void;
};

export type Service = {
  /**
   * Makes one request for at most `readSize` objects. Rejects with AWS's error, MalformedAnswer, ValueTooLarge or a
   * {@link MissingError}; with BatchRefused, whose cause is AWS's error, if the request was refused and each object has to
   * be asked for alone to see which one is the reason.
   */
  read(clients: Clients, wanted: readonly Wanted[]): Promise<Answer>;
  /** Reads many current values with one request, if the service can. */
  readonly prefetch?: {
    /** The IAM action, which the role may lack. */
    readonly action: string;
    /** Returns the values by name, without those that are missing in the answer. Rejects with AWS's error. */
    read(clients: Clients, names: readonly string[]): Promise<ReadonlyMap<string, Secret>>;
  };
  /**
   * Returns the values that a search finds, by the name of each relative to the search. Rejects with a RegionError, or with an
   * AggregateError of several. The method is given the searches of its own service only.
   */
  search(search: ConfigSearch, options: SearchOptions): Promise<Map<string, Secret>>;
};

/**
 * AWS answered, and at least one object does not exist. The name is OptionalMissing if all of the missing objects may be
 * missing, and MissingParameters otherwise.
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

/** Returns the value. Throws MalformedAnswer if there is none, and ValueTooLarge if it is larger than any service allows. */
export function requireValue(value: Secret | undefined): Secret {
  if (value === undefined) throw named('MalformedAnswer');
  if (isTooLarge(value)) throw named('ValueTooLarge');
  return value;
}
