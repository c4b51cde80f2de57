/** Remembers the certificate in service, and decides when another one takes over and whether something prevents that. */
import { X509Certificate } from 'node:crypto';
import type { CertificateListener, Pair } from '../host.ts';
import { createHandover, type Handover } from './handover.ts';

export type Serving = {
  readonly note: Handover['note'];
  readonly isTrusted: Handover['isTrusted'];
  /** Takes a good pair into service, unless the present one has to stay until the CA of the new one has spread. */
  offer(now: Date, pair: Pair): void;
  /** Logs a problem when it is new; an empty one says that there is none. `kept`: the problem keeps a successor out of service. */
  report(problem: string, details: { readonly subject: object; readonly kept: boolean }): void;
};

/** Returns a service without a certificate. It remembers the pair in service and the last problem. */
export function createServing({ log, onPair, onKept, onProblem }: CertificateListener, overlap: number): Serving {
  const handover = createHandover(overlap);
  let served: Pair | undefined;
  let waiting = '';
  let reported = '';
  let keeps = false;
  return {
    note: handover.note,
    isTrusted: handover.isTrusted,
    offer: (now, pair) => {
      if (pair.cert === served?.cert && pair.key === served.key) return;
      const { validFromDate: notBefore, validToDate: notAfter } = new X509Certificate(pair.cert);
      if (served && !handover.isDue(now, served.cert, pair.cert)) {
        if (pair.cert !== waiting) {
          log.info({ notAfter }, 'A new server certificate waits for its CA to spread; the present one stays in use.');
        }
        waiting = pair.cert;
        return;
      }
      onPair({ cert: pair.cert, key: pair.key, notBefore, notAfter });
      served = pair;
      log.info({ notAfter }, 'A new server certificate is in use.');
    },
    report: (problem, { subject, kept: isKept }) => {
      const isNew = problem !== '' && problem !== reported;
      if (isNew) log.warn({ ...subject, served: served !== undefined }, problem);
      const kept = isKept && served !== undefined;
      if (kept ? isNew : keeps) onKept?.(kept);
      if (problem !== reported) onProblem?.(problem);
      reported = problem;
      keeps = kept;
    },
  };
}
