/** Whether the webhook may be sent pods: four facts, and the clock as an argument. */

export type Readiness = ReturnType<typeof createReadiness>;

export function createReadiness() {
  let notAfter: Date | undefined;
  let synced = false;
  let listening = false;
  let draining = false;
  return {
    listening(): void {
      listening = true;
    },
    certified(until: Date): void {
      notAfter = until;
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
        ...(notAfter === undefined ? ['no certificate yet'] : notAfter <= now ? ['the certificate has expired'] : []),
        ...(synced ? [] : ['ServiceAccounts not read yet']),
        ...(listening ? [] : ['not listening yet']),
      ];
    },
  };
}
