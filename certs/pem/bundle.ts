/** Reads and merges PEM bundles, which have many certificates in one text, as a `caBundle` does. */
import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads a certificate from its PEM text. Returns undefined where the text is not one. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** Returns the readable certificates of a bundle, each in its plain PEM form. Anything else in the text is left out. */
export function splitBundle(text: string): string[] {
  const certificates = (text.match(BLOCK) ?? []).map(readCertificate).filter((one) => one !== undefined);
  return [...new Set(certificates.map(String))];
}

/** Returns whether the text holds certificates, and each that begins in it can be read to its end. */
export function isWhole(text: string): boolean {
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  const readable = (text.match(BLOCK) ?? []).filter((block) => readCertificate(block));
  return begun.length > 0 && begun.length === readable.length;
}

/** Returns one bundle of all certificates, each once, in the order in which they first appear. */
export function mergeBundles(...texts: readonly string[]): string {
  return [...new Set(texts.flatMap(splitBundle))].join('');
}

/** Returns the bundle without the certificates that `keep` refuses. */
export function pruneBundle(text: string, keep: (certificate: X509Certificate) => boolean): string {
  return splitBundle(text)
    .filter((pem) => keep(new X509Certificate(pem)))
    .join('');
}

/** Returns whether the bundle holds this certificate. */
export function holds(bundle: string, certificate: string): boolean {
  const wanted = splitBundle(certificate);
  const contained = splitBundle(bundle);
  return wanted.length > 0 && wanted.every((pem) => contained.includes(pem));
}

/** Returns whether two bundles hold the same certificates in any order, and `actual` nothing that can't be read. */
export function sameBundle(actual: string, expected: string): boolean {
  const blocks = actual.match(/-----BEGIN /g) ?? [];
  const certificates = splitBundle(actual);
  return (
    blocks.length === certificates.length &&
    holds(actual, expected) &&
    certificates.length === splitBundle(expected).length
  );
}

/** Returns whether the certificate is valid at this moment. */
export function isCurrent(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now < certificate.validToDate;
}
