/** The part of the configuration about secrets that change. */
import * as z from 'zod/mini';
import { ROTATION_RESTARTS, ROTATION_SECONDS, ROTATION_SIGNALS } from './rotation.ts';

/** The longest URL to notify: it stands in the specification of every pod. */
const URL_LIMIT = 2048;

/** Matches a host that is the pod's own loopback, as the URL parser writes it. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Reads a URL of the pod's own loopback. Others would be sent a request by every pod that may be annotated. */
const loopbackUrl = z.url({ protocol: /^http$/ }).check(
  z.maxLength(URL_LIMIT),
  z.refine((text) => URL.canParse(text) && LOOPBACK.test(new URL(text).hostname), {
    error: "must have a host of the pod's own loopback, like 127.0.0.1 or localhost",
  }),
  z.refine((text) => URL.canParse(text) && isPlain(new URL(text)), {
    error: 'must have no user, no password and no fragment',
  }),
);

function isPlain({ username, password, hash }: URL): boolean {
  return username === '' && password === '' && hash === '';
}

/** Reads what is done about secrets that change. Absent in a configuration: they are read once, when the pod starts. */
export const rotation = z.strictObject({
  /** The time between two looks at AWS. Each is up to a tenth shorter or longer. */
  seconds: z.int().check(z.minimum(ROTATION_SECONDS.least), z.maximum(ROTATION_SECONDS.most)),
  /** The URL gets a POST request after each change. */
  notify: z.optional(loopbackUrl),
  /** The signal is sent after each change. */
  signal: z.optional(z.enum(ROTATION_SIGNALS)),
  /** Says what is restarted after each change. */
  restart: z.optional(z.enum(ROTATION_RESTARTS)),
});
