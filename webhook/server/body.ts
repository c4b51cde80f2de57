/** Bodies are read only where there is room for them. */
import { finished } from 'node:stream/promises';
import type { preParsingHookHandler } from 'fastify';
import type { Intake, Place } from './intake.ts';

/** A request of the API server holds at most 3 MiB of an object, which JSON in an envelope may double. */
export const BODY_LIMIT = 8 * 2 ** 20;

/** One for all: a reason made anew would take its stack each time. */
const GONE = new Error('the client is gone, or has its answer');

/** Lets a request's body in when it has a place, which it keeps until its answer is out or its client is gone. */
export function readWithin(intake: Intake): preParsingHookHandler {
  return (request, reply, payload, done) => {
    // Told to who reads it; destroyed, it would take the connection along before the answer.
    const asked = { bytes: sizeOf(request.headers), cut: (why: Error) => void payload.emit('error', why) };
    const take = (place: Place) => {
      reply.raw.once('close', place.leave);
      payload.once('end', place.received).on('error', place.received);
      done(null, payload);
    };
    const place = intake.enterNow(asked);
    if (place) return take(place);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(GONE));
    intake.enter(asked, gone.signal).then(take, async (error) => {
      // An answer before the body's end could be lost, as the closed connection is reset.
      await finished(payload.resume()).catch(() => {});
      done(error);
    });
  };
}

/** One that does not say its size may have any; one that says too much is refused before it is read. */
function sizeOf({ 'content-length': length }: { 'content-length'?: string | undefined }): number {
  return Math.min(length === undefined ? BODY_LIMIT : Number(length), BODY_LIMIT);
}
