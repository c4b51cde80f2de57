/** Writes the answer to a review. */
import type { FastifyReply } from 'fastify';
import type { Clients } from './clients.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Returns a function that answers a request with a JSON text. It writes to the response of Node itself, as the ways of Fastify from
 * hook to hook take a twentieth of the time of a review. While `isLast` returns true, it closes the connection after the answer.
 */
export function createAnswerer(clients: Pick<Clients, 'answering'>, isLast: () => boolean) {
  return (reply: FastifyReply, json: string): FastifyReply => {
    const { raw } = reply.hijack();
    const bytes = Buffer.byteLength(json);
    clients.answering(reply.request.raw, bytes);
    raw.writeHead(200, {
      'content-type': JSON_TYPE,
      'content-length': bytes,
      ...(isLast() && { connection: 'close' }),
    });
    // Node writes Latin-1 as it is in memory. In ASCII both are the same.
    raw.end(json, bytes === json.length ? 'latin1' : 'utf8');
    return reply;
  };
}
