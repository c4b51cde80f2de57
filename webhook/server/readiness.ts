/** Decides from four facts and the time whether the webhook may be sent pods. */

export type Readiness = ReturnType<typeof createReadiness>;

/** Returns the readiness of a webhook that needs these caches before it may answer. */
export function createReadiness(caches: readonly string[] = ['serviceaccounts']) {
  const unfilled = new Set(caches);
  let notAfter: Date | undefined;
  let problem = '';
  let listening = false;
  let draining = false;
  const certificateObstacles = (now: Date): string[] => {
    if (notAfter !== undefined && notAfter > now) return [];
    return [notAfter ? 'the certificate has expired' : 'no certificate yet', ...(problem ? [problem] : [])];
  };
  return {
    listening(): void {
      listening = true;
    },
    certified(until: Date): void {
      notAfter = until;
    },
    /** Remembers in one sentence what stands in the way of a certificate; empty when nothing does. */
    certificateProblem(sentence: string): void {
      problem = sentence;
    },
    /**
     * Notes that a cache is filled. This stays so, because an API server that fails for a while takes nothing away from it.
     */
    cacheSynced(cache: string): void {
      unfilled.delete(cache);
    },
    drain(): void {
      draining = true;
    },
    draining: (): boolean => draining,
    /** Returns the reasons why the webhook is not ready, and none if it is. */
    obstacles(now: Date): string[] {
      return [
        ...(draining ? ['shutting down'] : []),
        ...certificateObstacles(now),
        ...[...unfilled].map((cache) => `${cache} not read yet`),
        ...(listening ? [] : ['not listening yet']),
      ];
    },
  };
}
