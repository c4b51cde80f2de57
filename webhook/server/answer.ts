/** Writes answers in JSON. */
import type { ServerResponse } from 'node:http';
import type { Clients } from './clients.ts';

/** An answer as data. */
export type Reply = {
  readonly status: number;
  readonly json: string;
  /** The headers beside those that each answer has; their names are in small letters. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** The content type of all answers in JSON. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Returns a function that answers a request. While `isLast` returns true, it closes the connection after the answer.
 */
export function createAnswerer(clients: Pick<Clients, 'answering'>, isLast: () => boolean) {
  return (response: ServerResponse, { status, json, headers }: Reply): void => {
    const bytes = Buffer.byteLength(json);
    clients.answering(response.req, bytes);
    response.writeHead(status, {
      'content-type': JSON_TYPE,
      'content-length': bytes,
      ...headers,
      ...(isLast() && { connection: 'close' }),
    });
    // Node writes Latin-1 as it is in memory. In ASCII both are the same.
    response.end(json, bytes === json.length ? 'latin1' : 'utf8');
  };
}
