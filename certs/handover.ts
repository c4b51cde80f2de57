/**
 * When a new certificate takes over from one that is still good. API servers learn of a new CA one by one, so its first
 * certificate waits until every caBundle has held the CA for a while; with no good certificate there is no waiting.
 */
import { X509Certificate } from 'node:crypto';
import { holds, readCertificate, splitBundle } from './bundle.ts';

export type Handover = {
  /** Takes note of what the caBundles hold now; undefined where nobody knows. */
  note(now: Date, bundles: readonly string[] | undefined): void;
  /** Whether every caBundle holds a CA of this chain. */
  isTrusted(chain: string): boolean;
  /** Whether `offered` is to replace `present` now. Both may be chains. */
  isDue(now: Date, present: string, offered: string): boolean;
};

/** So near to its end, a certificate is replaced by any. */
const LAST_MOMENT = 60_000;

/** Remembers since when each CA has been in every caBundle, as far as this process has seen. */
export function makeHandover(overlap: number): Handover {
  const since = new Map<string, number>();
  return {
    note: (now, bundles) => {
      const [first = '', ...others] = bundles ?? [];
      const held = splitBundle(first).filter((pem) => others.every((bundle) => holds(bundle, pem)));
      for (const pem of since.keys()) if (!held.includes(pem)) since.delete(pem);
      for (const pem of held) since.set(pem, Math.min(since.get(pem) ?? Infinity, now.getTime()));
    },
    isTrusted: (chain) => signers(chain, [...since.keys()]).length > 0,
    isDue: (now, present, offered) => {
      const trusted = [...since.keys()];
      const presentSigners = signers(present, trusted);
      const { validFromDate, validToDate } = new X509Certificate(present);
      const isGood = validFromDate <= now && validToDate.getTime() - now.getTime() > LAST_MOMENT;
      if (!isGood || presentSigners.length === 0) return true;
      return signers(offered, trusted).some(
        (pem) => presentSigners.includes(pem) || now.getTime() >= (since.get(pem) ?? Infinity) + overlap,
      );
    },
  };
}

/** Which of these CAs signed the certificate, or one of its chain. */
export function signers(chain: string, authorities: readonly string[]): string[] {
  const links = splitBundle(chain).map((pem) => new X509Certificate(pem));
  return authorities.filter((pem) => {
    const authority = readCertificate(pem);
    return authority && links.some((link) => link.checkIssued(authority) && link.verify(authority.publicKey));
  });
}
