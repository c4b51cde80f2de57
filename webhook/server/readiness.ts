/** Whether the webhook may be sent pods: four facts, and the clock as an argument. */

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
    /** Once for ever: an API server that blinks takes nothing away from what is known. */
    cachesSynced(): void {
      synced = true;
    },
    drain(): void {
      draining = true;
    },
    draining: (): boolean => draining,
    /** Why not; empty when ready. */
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
