/** How long the API server may take. */

/** For a request that a pod waits for: the API server gives a webhook 10 s in all. */
export const LIVE_TIMEOUT_MS = 4000;

/** For one page of a list, which nobody waits for. */
export const PAGE_TIMEOUT_MS = 60_000;
