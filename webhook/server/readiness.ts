/** Decides from four facts and the time whether the webhook may be sent pods. */

export type Readiness = ReturnType<typeof createReadiness>;

export function createReadiness() {
  let notAfter: Date | undefined;
  let problem = '';
  let synced = false;
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
     * Notes that the caches are filled. This stays so, because an API server that fails for a while takes nothing away from
     * them.
     */
    cachesSynced(): void {
      synced = true;
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
        ...(synced ? [] : ['ServiceAccounts not read yet']),
        ...(listening ? [] : ['not listening yet']),
      ];
    },
  };
}
