/** Sends the request that tells an app of a change. */
import { request } from 'node:http';

/** Milliseconds until the app must have answered. */
const TIMEOUT = 5_000;

/**
 * Posts to the URL, with the changed files' paths as JSON. Returns why that failed, or undefined if the app answered with 2xx.
 * Follows no redirect, uses no proxy, and reads no more of the answer than its status. Never rejects.
 */
export function post(url: string, files: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ files });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const signal = AbortSignal.timeout(TIMEOUT);
    const sent = request(url, { method: 'POST', headers, signal, agent: false }, ({ statusCode = 0 }) => {
      resolve(statusCode >= 200 && statusCode < 300 ? undefined : `HTTP status ${statusCode}`);
      sent.destroy();
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve(signal.aborted ? `no answer within ${TIMEOUT / 1000} s` : (error.code ?? error.name));
    });
    sent.end(body);
  });
}
