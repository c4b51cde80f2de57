/** Asks for secrets together, before each is asked for alone. Nothing of it is anybody's failure. */
import { BatchGetSecretValueCommand, type SecretValueEntry } from '@aws-sdk/client-secrets-manager';
import type { Calls } from '../aws/calls.ts';
import type { Clients } from '../aws/clients.ts';
import { factsOf, isThrottling, judge } from '../aws/error.ts';
import { isCurrent } from '../contract/source.ts';
import { clean } from '../contract/text.ts';
import type { Group } from '../plan/source.ts';
import { isTooLarge, type Secret } from '../secret.ts';
import { valueIn, type Wanted } from './ask.ts';

/** A value; or an error that counts as a try of the secret's own; or nothing, and it is asked for alone at once. */
export type Known = Secret | Error | undefined;

/** What is known of a secret when all that were asked for together have come. Never rejects. */
export type Together = (region: string, pair: boolean, wanted: Wanted) => Promise<Known>;

type Options = { readonly calls: Calls; readonly warn: (message: string) => void };

/** By name. */
type Values = ReadonlyMap<string, Secret>;

const NOTHING: Values = new Map();

/** Asks for all groups at the same time, once. A region that refuses one is asked for no more of them. */
export function askTogether(groups: readonly Group[], { calls, warn }: Options): Together {
  const refused = new Set<string>();
  const read = async (clients: Clients, { region, names }: Group): Promise<Values | Error> => {
    if (refused.has(region)) return NOTHING;
    try {
      const command = new BatchGetSecretValueCommand({ SecretIdList: [...names] });
      const { SecretValues = [] } = await clients.secrets().send(command);
      return matched(clients, names, SecretValues);
    } catch (error) {
      if (error instanceof Error && isTrouble(error)) return error;
      if (!refused.has(region)) warn(refusal(region, error));
      refused.add(region);
      return NOTHING;
    }
  };
  const answers = groups.map((group) => {
    const ask = group.pair ? calls.fewTries(group.region, () => {}) : calls.untilDeadline(group.region, () => {});
    // Without credentials each secret says so itself.
    return { group, answer: ask((clients) => read(clients, group)).catch(() => NOTHING) };
  });
  return async (region, pair, wanted) => {
    if (!isCurrent(wanted)) return undefined;
    const found = answers.find(
      ({ group }) => group.region === region && group.pair === pair && group.names.includes(wanted.name),
    );
    const answer = await found?.answer;
    return answer instanceof Error ? answer : answer?.get(wanted.name);
  };
}

/** Of the region, which a secret asked for alone would have met too: not of the request, nor of how often it is made. */
function isTrouble(error: Error): boolean {
  return judge(error) === 'transient' && !isThrottling(factsOf(error));
}

function refusal(region: string, error: unknown): string {
  const name = clean(factsOf(error).name, 80);
  return `secretsmanager:BatchGetSecretValue is refused in ${region} (${name}): the secrets are read one by one.`;
}

/** What came of what was asked for, whatever else is in the answer: a value is taken where it can only be meant for one name. */
export function matched(
  clients: Clients,
  names: readonly string[],
  entries: readonly SecretValueEntry[],
): Map<string, Secret> {
  const asked = new Set(names);
  const values = new Map<string, Secret>();
  for (const name of names) {
    const [entry, ...others] = entries.filter((each) => isFor(name, each, asked));
    const value = entry === undefined || others.length > 0 ? undefined : valueIn(clients, entry);
    if (value !== undefined && !isTooLarge(value)) values.set(name, value);
  }
  return values;
}

/** What is asked for by its own ARN may be another account's secret, of a name that is asked for as well. */
function isFor(name: string, { ARN, Name }: SecretValueEntry, asked: ReadonlySet<string>): boolean {
  if (ARN === name) return true;
  if (ARN !== undefined && asked.has(ARN)) return false;
  if (!name.startsWith('arn:')) return Name === name;
  return ARN?.startsWith(`${name}-`) === true && ARN.length === name.length + '-abcdef'.length;
}
