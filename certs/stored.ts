/** What the certificates' Secret says: its data keys on one side, what they mean on the other. */
import { createPrivateKey } from 'node:crypto';
import { mergeBundles, readCertificate, splitBundle } from './bundle.ts';

/** A certificate and its private key, both PEM. */
export type Pair = { readonly cert: string; readonly key: string };

/** A CA. Without its key it is still trusted, but signs no more. */
export type Authority = { readonly cert: string; readonly key: string | undefined };

export type Stored = {
  readonly leaf: Pair | undefined;
  /** Signs the leaf. */
  readonly authority: Authority | undefined;
  /** Follows `authority`, once it has been in every caBundle since `published` for long enough. */
  readonly next: (Pair & { readonly published: Date | undefined }) | undefined;
  /** Signs nothing any more; trusted until the last leaf that it signed has ended. */
  readonly retired: { readonly certs: string; readonly until: Date } | undefined;
};

/** The Secret's data, decoded from base64. */
export type SecretData = Readonly<Record<string, string>>;

/** The data keys that are ours; a Secret may hold others. */
export const DATA_KEYS = [
  'tls.crt',
  'tls.key',
  'ca.crt',
  'ca.key',
  'next-ca.crt',
  'next-ca.key',
  'next-ca.published',
  'old-ca.crt',
  'old-ca.until',
] as const;

/** What an empty Secret holds. */
export const NOTHING: Stored = { leaf: undefined, authority: undefined, next: undefined, retired: undefined };

/**
 * Returns what can be used of a Secret's data. `broken` names the keys that are there or must be, and can't be used; nothing
 * is broken in a Secret without any of our keys, as the chart makes it.
 */
export function readStored(data: SecretData): { stored: Stored; broken: string[] } {
  if (!DATA_KEYS.some((key) => key in data)) return { stored: NOTHING, broken: [] };
  const leaf = readPair(data['tls.crt'], data['tls.key']);
  const authority = readAuthority(data['ca.crt'], data['ca.key']);
  const next = readPair(data['next-ca.crt'], data['next-ca.key']);
  const retired = readRetired(data['old-ca.crt'], data['old-ca.until']);
  const nextCa =
    next && isAuthority(next.cert) ? { ...next, published: readDate(data['next-ca.published']) } : undefined;
  const broken = [
    (data['tls.crt'] || data['tls.key']) && !leaf && 'tls.crt and tls.key',
    !authority && 'ca.crt',
    authority && !authority.key && 'ca.key',
    (data['next-ca.crt'] || data['next-ca.key']) && !nextCa && 'next-ca.crt and next-ca.key',
    data['old-ca.crt'] && !retired && 'old-ca.crt and old-ca.until',
  ].filter((one) => typeof one === 'string' && one !== '');
  return { stored: { leaf, authority, next: nextCa, retired }, broken: broken as string[] };
}

/** The Secret's data for what is to be stored; keys that must go are absent. */
export function writeStored(stored: Stored): SecretData {
  const { leaf, authority, next, retired } = stored;
  return {
    'tls.crt': leaf?.cert ?? '',
    'tls.key': leaf?.key ?? '',
    'ca.crt': authority?.cert ?? '',
    'ca.key': authority?.key ?? '',
    ...(next && { 'next-ca.crt': next.cert, 'next-ca.key': next.key }),
    ...(next?.published && { 'next-ca.published': next.published.toISOString() }),
    ...(retired && { 'old-ca.crt': retired.certs, 'old-ca.until': retired.until.toISOString() }),
  };
}

function readPair(cert = '', key = ''): Pair | undefined {
  const pem = splitBundle(cert)[0];
  return pem && belongs(pem, key) ? { cert: pem, key } : undefined;
}

function readAuthority(cert = '', key = ''): Authority | undefined {
  const pem = splitBundle(cert)[0];
  if (!pem || !isAuthority(pem)) return undefined;
  return { cert: pem, key: belongs(pem, key) ? key : undefined };
}

function readRetired(certs = '', until = ''): Stored['retired'] {
  const date = readDate(until);
  const bundle = mergeBundles(certs);
  return bundle && date ? { certs: bundle, until: date } : undefined;
}

function readDate(text = ''): Date | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function isAuthority(pem: string): boolean {
  return readCertificate(pem)?.ca === true;
}

function belongs(cert: string, key: string): boolean {
  try {
    return readCertificate(cert)?.checkPrivateKey(createPrivateKey(key)) === true;
  } catch {
    return false;
  }
}
