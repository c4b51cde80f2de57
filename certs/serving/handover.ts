/**
 * Decides when a new certificate takes over from one that is still good. API servers learn of a new CA one by one, so its first
 * certificate waits until every caBundle has held the CA for a while. Without a good certificate there is no waiting.
 */
import { X509Certificate } from 'node:crypto';
import { holds, readCertificate, splitBundle } from '../pem/bundle.ts';

export type Handover = {
  /** Remembers what the caBundles hold now; undefined where nobody knows. */
  note(now: Date, bundles: readonly string[] | undefined): void;
  /** Returns whether every caBundle holds a CA of this chain. */
  isTrusted(chain: string): boolean;
  /** Returns whether `offered` should replace `present` now. Both may be chains. */
  isDue(now: Date, present: string, offered: string): boolean;
};

/**
 * A CA is in every caBundle for so many milliseconds before its first certificate is served, as API servers learn of it one by
 * one.
 */
export const OVERLAP_MS = 10 * 60_000;

/** A certificate that ends within this time is replaced by any other (milliseconds). */
const LAST_MOMENT_MS = 60_000;

/** Returns a handover that remembers since when each CA has been in every caBundle, as far as this process has seen. */
export function createHandover(overlap: number): Handover {
  const since = new Map<string, number>();
  return {
    note: (now, bundles) => {
      const [first = '', ...others] = bundles ?? [];
      const common = splitBundle(first).filter((pem) => others.every((bundle) => holds(bundle, pem)));
      for (const pem of since.keys()) if (!common.includes(pem)) since.delete(pem);
      for (const pem of common) since.set(pem, Math.min(since.get(pem) ?? Infinity, now.getTime()));
    },
    isTrusted: (chain) => signers(chain, [...since.keys()]).length > 0,
    isDue: (now, present, offered) => {
      const trusted = [...since.keys()];
      const presentSigners = signers(present, trusted);
      const { validFromDate, validToDate } = new X509Certificate(present);
      const isGood = validFromDate <= now && validToDate.getTime() - now.getTime() > LAST_MOMENT_MS;
      if (!isGood || presentSigners.length === 0) return true;
      return signers(offered, trusted).some(
        (pem) => presentSigners.includes(pem) || now.getTime() >= (since.get(pem) ?? Infinity) + overlap,
      );
    },
  };
}

/** Returns those of these CAs that signed the certificate, or one of its chain. */
export function signers(chain: string, authorities: readonly string[]): string[] {
  const links = splitBundle(chain).map((pem) => new X509Certificate(pem));
  return authorities.filter((pem) => {
    const authority = readCertificate(pem);
    return authority && links.some((link) => link.checkIssued(authority) && link.verify(authority.publicKey));
  });
}
