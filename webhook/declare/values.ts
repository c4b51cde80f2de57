/** Has the parsers of annotations whose text is one value. A problem is the end of a sentence, with the fix. */
import * as v from 'valibot';
import { ENV_DELIVERIES, LOG_LEVELS } from '../../injector/contract/config.ts';
import { ENV_FILE_FORMATS } from '../../injector/contract/env-file-formats.ts';
import { NAME_LIMIT, PATH_LIMIT } from '../../injector/contract/paths.ts';
import { ROTATION_RESTARTS, ROTATION_SECONDS, ROTATION_SIGNALS } from '../../injector/contract/rotation.ts';
import { loopbackUrl } from '../../injector/contract/rotation-schema.ts';
import { err, ok, type Result } from './result.ts';
import { systemFolderProblem } from './system-folders.ts';

const CONTAINER = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Matches a DNS subdomain (RFC 1123), which names of Kubernetes objects must be. */
export const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** A pod may name so many classes: the webhook may ask the API server for each. */
export const MOST_CLASSES = 16;
/** Matches a quantity of Kubernetes with at most 64 characters: reading many digits takes more than linear time. */
const QUANTITY = /^(?=.{1,64}$)(\d+(?:\.\d*)?|\.\d+)([eE][-+]?\d{1,3}|[numkMGTPE]|[KMGTPE]i)?$/;
/** `file` means that the variables are only in the env file. */
export const DELIVERIES = [...ENV_DELIVERIES, 'file'] as const;
export const FAILOVER_MODES = ['both', 'on-error'] as const;
const ADDRESS_TYPES = ['auto', 'ipv4', 'ipv6'] as const;
const LARGEST_ID = 2 ** 31 - 1;
const DAY = 24 * 60 * 60;

/** Reads a boolean in the words that Go's ParseBool takes, as ASCP and the chart's ValidatingAdmissionPolicy do. */
export function parseBoolean(text: string): Result<boolean> {
  if (['true', 'True', 'TRUE', 't', 'T', '1'].includes(text)) return ok(true);
  if (['false', 'False', 'FALSE', 'f', 'F', '0'].includes(text)) return ok(false);
  return err('is neither "true" nor "false"; write one of them');
}

/** Reads a mount path. Returns it absolute and without `/` at its end; it is no system folder. */
export function parseMountPath(text: string): Result<string> {
  const path = withoutEndSlashes(text);
  if (!text.startsWith('/')) return err('is not an absolute path; write it with a "/" first, like /mnt/secrets-store');
  if (path === '') return err('is the root folder; write a folder of its own, like /mnt/secrets-store');
  if (/[\p{Cc}:]/u.test(path) || !path.isWellFormed()) return err('holds a ":" or a control character; remove it');
  if (Buffer.byteLength(path) > PATH_LIMIT) return err(`is longer than ${PATH_LIMIT} bytes; shorten it`);
  const elements = path.slice(1).split('/');
  if (elements.some((element) => ['', '.', '..'].includes(element))) {
    return err('holds "//", "/./" or "/../"; write the path without them');
  }
  if (elements.some((element) => Buffer.byteLength(element) > NAME_LIMIT))
    return err(`has an element longer than ${NAME_LIMIT} bytes; shorten it`);
  const problem = systemFolderProblem(path);
  if (problem !== undefined) return err(`${problem}; write a folder of its own, like /mnt/secrets-store`);
  return ok(path);
}

/** Reads a list of names of SecretProviderClasses. It does not know whether they exist. */
export const parseClassNames = namesOf('SecretProviderClass', ['a class', 'classes'], 'put their objects together');
/** Reads a list of names of ExternalSecrets. It does not know whether they exist. */
export const parseExternalSecrets = namesOf(
  'ExternalSecret',
  ['an ExternalSecret', 'ExternalSecrets'],
  'put their data together',
);

/** Returns a parser of at most {@link MOST_CLASSES} names of objects of a kind. `instead` says what to do with more. */
function namesOf(
  kind: string,
  [one, several]: readonly [one: string, several: string],
  instead: string,
): (text: string) => Result<string[]> {
  return (text) => {
    const names = text.split(',').map((name) => name.trim());
    if (names.length > MOST_CLASSES) return err(`names more than ${MOST_CLASSES} ${several}; ${instead}`);
    if (!names.every((name) => OBJECT_NAME.test(name))) {
      return err(`is not a comma-separated list of names; write names of ${kind} objects, like shop-db,shop-api`);
    }
    if (new Set(names).size < names.length) return err(`names ${one} twice; name each once`);
    return ok(names);
  };
}

/** Removes the `/` at the end. The pattern `/\/+$/` would take quadratic time on many slashes before another character. */
function withoutEndSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

/** Reads a list of container names (RFC 1123 labels). It does not know whether the pod has them. */
export function parseContainers(text: string): Result<string[]> {
  const names = text.split(',').map((name) => name.trim());
  if (!names.every((name) => CONTAINER.test(name))) {
    return err('is not a comma-separated list of container names; write names of this pod, like app,worker');
  }
  if (new Set(names).size < names.length) return err('names a container twice; name each once');
  return ok(names);
}

/** Says where the injected container stands among the init containers. */
export type Position =
  | { readonly kind: 'first' }
  | { readonly kind: 'last' }
  | { readonly kind: 'after'; readonly name: string };

/** Reads the position of the injected container: `first`, `last` or `after:NAME`. */
export function parsePosition(text: string): Result<Position> {
  if (text === 'first' || text === 'last') return ok({ kind: text });
  const name = /^after:(.*)$/.exec(text)?.[1];
  if (name !== undefined && CONTAINER.test(name)) return ok({ kind: 'after', name });
  return err('is not a position; write first, last or after:NAME with the name of an init container');
}

/** Reads the name of an AWS region by its form, as new regions appear. */
export function parseRegion(text: string): Result<string> {
  if (/^(?=.{1,63}$)[a-z]+(-[a-z]+)+-\d+$/.test(text)) return ok(text);
  return err('is not the name of an AWS region; write one like eu-central-1');
}

/** Reads a file mode of four octal digits. Returns it without its setuid, setgid and sticky bits. */
export function parseFileMode(text: string): Result<string> {
  if (/^[0-7]{4}$/.test(text)) return ok(`0${text.slice(1)}`);
  return err('is not a file mode; write four octal digits in quotes, like "0644"');
}

/** Reads a duration like `1h30m`. Returns whole seconds, from 1 to 86,400. */
export function parseDuration(text: string): Result<number> {
  const total = secondsIn(text);
  if (total === undefined) return err('is not a duration; write one like 90s, 15m or 1h30m');
  if (total < 1 || total > DAY) return err('is out of bounds; write a duration from 1s to 24h');
  return ok(total);
}

/** Reads the interval of a rotation, like `30s`, `1h` or `7d`. Returns whole seconds within {@link ROTATION_SECONDS}. */
export function parseInterval(text: string): Result<number> {
  const total = secondsIn(text);
  if (total === undefined) return err('is not a duration; write one like 5m, 1h or 7d');
  if (total < ROTATION_SECONDS.least || total > ROTATION_SECONDS.most)
    return err('is out of bounds; write a duration from 30s to 30d');
  return ok(total);
}

/** Reads the interval of a rotation, or `never`, which switches off the interval of the chart. */
export function parseRotation(text: string): Result<number | 'never'> {
  if (text === 'never') return ok(text);
  const interval = parseInterval(text);
  return interval.ok ? interval : err(`${interval.problem}, or never`);
}

/**
 * Returns the seconds of a duration in days, hours, minutes and seconds, each at most once; undefined for any other text. Seven
 * digits are enough for the seconds of the longest one, thirty days.
 */
function secondsIn(text: string): number | undefined {
  const match = /^(?:(\d{1,7})d)?(?:(\d{1,7})h)?(?:(\d{1,7})m)?(?:(\d{1,7})s)?$/.exec(text);
  if (text === '' || match === null) return undefined;
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = match;
  return Number(days) * DAY + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** Reads the URL that is notified of a change, by the rules of the contract. */
export function parseNotify(text: string): Result<string> {
  if (v.is(loopbackUrl, text)) return ok(text);
  return err("is not an http:// URL of the pod's own loopback; write one like http://127.0.0.1:8080/reload");
}

/** Reads an amount of CPU. Returns the Kubernetes quantity as it is written, which is above zero. */
export function parseCpu(text: string): Result<string> {
  if (QUANTITY.test(text) && !text.endsWith('i') && /[1-9]/.test(mantissa(text))) return ok(text);
  return err('is not an amount of CPU; write one above zero, like 50m or 0.5');
}

/** Reads an amount of memory. Returns the Kubernetes quantity as it is written: at least one byte, so `m` is refused. */
export function parseMemory(text: string): Result<string> {
  if (!QUANTITY.test(text) || !/[1-9]/.test(mantissa(text))) {
    return err('is not an amount of memory; write one above zero, like 128Mi');
  }
  if (/[num]$/.test(text))
    return err('is a fraction of a byte, as "m" means a thousandth; write Mi for mebibytes, like 128Mi');
  return ok(text);
}

function mantissa(text: string): string {
  return QUANTITY.exec(text)?.[1] ?? '';
}

/** Reads the number of a user other than root. */
export function parseUser(text: string): Result<number> {
  const id = parseId(text);
  if (id !== undefined && id > 0) return ok(id);
  return err(`is not the number of a user other than root; write one from 1 to ${LARGEST_ID}`);
}

/** Reads the number of a group. */
export function parseGroup(text: string): Result<number> {
  const id = parseId(text);
  return id === undefined ? err(`is not the number of a group; write one from 0 to ${LARGEST_ID}`) : ok(id);
}

function parseId(text: string): number | undefined {
  return /^(0|[1-9]\d{0,9})$/.test(text) && Number(text) <= LARGEST_ID ? Number(text) : undefined;
}

/** Reads a log level of the injector. */
export const parseLogLevel = oneOf(LOG_LEVELS, 'a log level');
/** Reads the name of a format of env files. */
export const parseEnvFileFormat = oneOf(ENV_FILE_FORMATS, 'a format of an env file');
/** Reads a way in which variables reach the containers. */
export const parseDelivery = oneOf(DELIVERIES, 'a way of delivery');
/** Reads the signal that is sent after a change. */
export const parseSignal = oneOf(ROTATION_SIGNALS, 'a signal that is sent after a change');
/** Reads what is restarted after a change. */
export const parseRestart = oneOf(ROTATION_RESTARTS, 'what can be restarted after a change');
/** Reads when the second region is asked. */
export const parseFailoverMode = oneOf(FAILOVER_MODES, 'a way to fail over');

/** Returns a parser that takes one of the words, in these letters. A problem says that the text is not `what`. */
function oneOf<Word extends string>(words: readonly Word[], what: string): (text: string) => Result<Word> {
  return (text) => {
    const word = words.find((known) => known === text);
    return word === undefined ? err(`is not ${what}; write ${choice(words)}`) : ok(word);
  };
}

/** Returns the words as an enumeration: `a, b or c`. */
export function choice(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Reads a type of address in any letters, as ASCP does. An unknown word is a problem here, while ASCP reads it as `auto`. */
export function parseAddressType(text: string): Result<(typeof ADDRESS_TYPES)[number]> {
  const type = ADDRESS_TYPES.find((known) => known === text.toLowerCase());
  return type === undefined ? err('is not a type of address; write ipv4, ipv6 or auto') : ok(type);
}
