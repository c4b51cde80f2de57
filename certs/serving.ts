/** The certificate in service: which one it is, when another takes over, and what is wrong with those that can't. */
import { X509Certificate } from 'node:crypto';
import { type Handover, makeHandover } from './handover.ts';
import type { Log } from './log.ts';
import type { Pair } from './stored.ts';

/** How the process that serves is told. */
export type Outlet = {
  readonly log: Log;
  /** Called with each new certificate to serve. */
  readonly onPair: (pair: Pair & { readonly notBefore: Date; readonly notAfter: Date }) => void;
  /** Called with true when what should replace the certificate in service can't be used, and it is kept; with false when that is over. */
  readonly onKept?: (kept: boolean) => void;
  /** Called with one sentence when something else stands in the way of a certificate than before; empty when nothing does. */
  readonly onProblem?: (problem: string) => void;
  /** Called with whether the webhook configuration is there, each time that it was looked at. */
  readonly onConfiguration?: (present: boolean) => void;
};

export type Serving = {
  readonly note: Handover['note'];
  readonly isTrusted: Handover['isTrusted'];
  /** A good pair, which is taken into service unless the present one must stay a while. */
  offer(now: Date, pair: Pair): void;
  /** Says what is wrong, or that nothing is: once, not each time that it is seen. `kept`: a pair can't be used for it. */
  report(problem: string, details: { readonly subject: object; readonly kept: boolean }): void;
};

/** Nothing is in service yet. */
export function makeServing({ log, onPair, onKept, onProblem }: Outlet, overlap: number): Serving {
  const handover = makeHandover(overlap);
  let served: Pair | undefined;
  let waiting = '';
  let said = '';
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
      const isNew = problem !== '' && problem !== said;
      if (isNew) log.warn({ ...subject, served: served !== undefined }, problem);
      const kept = isKept && served !== undefined;
      if (kept ? isNew : keeps) onKept?.(kept);
      if (problem !== said) onProblem?.(problem);
      said = problem;
      keeps = kept;
    },
  };
}
