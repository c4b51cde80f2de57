/** PEM bundles: many certificates in one text, as `caBundle` holds them. */
import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** A certificate from its PEM text, or undefined where the text is none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The readable certificates of a bundle, each in its plain PEM form; anything else in the text is left out. */
export function splitBundle(text: string): string[] {
  const certificates = (text.match(BLOCK) ?? []).map(readCertificate).filter((one) => one !== undefined);
  return [...new Set(certificates.map(String))];
}

/** Whether the text holds certificates, and each that begins in it can be read to its end. */
export function isWhole(text: string): boolean {
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  const readable = (text.match(BLOCK) ?? []).filter((block) => readCertificate(block));
  return begun.length > 0 && begun.length === readable.length;
}

/** One bundle of all certificates, each once, in the order in which they first appear. */
export function mergeBundles(...texts: readonly string[]): string {
  return [...new Set(texts.flatMap(splitBundle))].join('');
}

/** The bundle without the certificates that `keep` does not want. */
export function pruneBundle(text: string, keep: (certificate: X509Certificate) => boolean): string {
  return splitBundle(text)
    .filter((pem) => keep(new X509Certificate(pem)))
    .join('');
}

/** Whether the bundle holds this certificate. */
export function holds(bundle: string, certificate: string): boolean {
  const wanted = splitBundle(certificate);
  const held = splitBundle(bundle);
  return wanted.length > 0 && wanted.every((pem) => held.includes(pem));
}

/** Whether two bundles hold the same certificates, in any order, and `actual` nothing that could not be read. */
export function sameBundle(actual: string, expected: string): boolean {
  const blocks = actual.match(/-----BEGIN /g) ?? [];
  const certificates = splitBundle(actual);
  return (
    blocks.length === certificates.length &&
    holds(actual, expected) &&
    certificates.length === splitBundle(expected).length
  );
}

/** Whether the certificate's time has come and is not over. */
export function isCurrent(certificate: X509Certificate, now: Date): boolean {
  return certificate.validFromDate <= now && now < certificate.validToDate;
}
