/** The part of the configuration about secrets that change. */
import * as z from 'zod';
import { ROTATION_RESTARTS, ROTATION_SECONDS, ROTATION_SIGNALS } from './rotation.ts';

/** The longest URL to notify: it stands in the specification of every pod. */
const URL_LIMIT = 2048;

/** Matches a host that is the pod's own loopback, as the URL parser writes it. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Reads a URL of the pod's own loopback. Others would be sent a request by every pod that may be annotated. */
const loopbackUrl = z
  .url({ protocol: /^http$/ })
  .max(URL_LIMIT)
  .refine((text) => URL.canParse(text) && LOOPBACK.test(new URL(text).hostname), {
    error: "must have a host of the pod's own loopback, like 127.0.0.1 or localhost",
  })
  .refine((text) => URL.canParse(text) && isPlain(new URL(text)), {
    error: 'must have no user, no password and no fragment',
  });

function isPlain({ username, password, hash }: URL): boolean {
  return username === '' && password === '' && hash === '';
}

/** Reads what is done about secrets that change. Absent in a configuration: they are read once, when the pod starts. */
export const rotation = z.strictObject({
  seconds: z
    .int()
    .min(ROTATION_SECONDS.least)
    .max(ROTATION_SECONDS.most)
    .describe('the time between two looks at AWS; each is up to a tenth shorter or longer'),
  notify: loopbackUrl.optional().describe('gets a POST request after each change'),
  signal: z.enum(ROTATION_SIGNALS).optional().describe('is sent after each change'),
  restart: z.enum(ROTATION_RESTARTS).optional().describe('what is restarted after each change'),
});
