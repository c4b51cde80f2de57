/** The part of the configuration about secrets that change. */
import * as v from 'valibot';
import { isUrl } from './access.ts';
import { ROTATION_RESTARTS, ROTATION_SECONDS, ROTATION_SIGNALS } from './rotation.ts';
import { strict } from './strict.ts';

/** The longest URL to notify: it stands in the specification of every pod. */
const URL_LIMIT = 2048;

/** Matches a host that is the pod's own loopback, as the URL parser writes it. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Reads a URL of the pod's own loopback. Others would be sent a request by every pod that may be annotated. */
export const loopbackUrl = v.pipe(
  v.string(),
  v.check(isUrl(/^http:\/\//i), 'must be a URL that begins with http://'),
  v.maxLength(URL_LIMIT, `must have at most ${URL_LIMIT} characters`),
  v.check(
    (text) => LOOPBACK.test(new URL(text).hostname),
    "must have a host of the pod's own loopback, like 127.0.0.1 or localhost",
  ),
  v.check((text) => isPlain(new URL(text)), 'must have no user, no password and no fragment'),
  v.check((text) => new URL(text).port !== '0', 'must have another port than 0, where nobody can listen'),
);

function isPlain({ username, password, hash }: URL): boolean {
  return username === '' && password === '' && hash === '';
}

/** Reads what is done about secrets that change. Absent in a configuration: they are read once, when the pod starts. */
export const rotation = strict({
  /** The time between two looks at AWS. Each is up to a tenth shorter or longer. */
  seconds: v.pipe(
    v.number(),
    v.safeInteger('must be a whole number'),
    v.minValue(ROTATION_SECONDS.least, `must be at least ${ROTATION_SECONDS.least}`),
    v.maxValue(ROTATION_SECONDS.most, `must be at most ${ROTATION_SECONDS.most}`),
  ),
  /** The URL gets a POST request after each change. */
  notify: v.optional(loopbackUrl),
  /** The signal is sent after each change. */
  signal: v.optional(v.picklist(ROTATION_SIGNALS)),
  /** Says what is restarted after each change. */
  restart: v.optional(v.picklist(ROTATION_RESTARTS)),
});
