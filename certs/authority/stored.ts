/** Translates between the data keys of the certificates' Secret and what they mean. */
import { createPrivateKey } from 'node:crypto';
import type { Pair, SecretData } from '../host.ts';
import { mergeBundles, readCertificate, splitBundle } from '../pem/bundle.ts';

/** Has a CA. A CA without its key is still trusted, but signs no more. */
type Authority = { readonly cert: string; readonly key: string | undefined };

export type Stored = {
  readonly leaf: Pair | undefined;
  /** The CA that signs the leaf. */
  readonly authority: Authority | undefined;
  /** The CA that follows `authority`, once it has been in every caBundle since `published` for long enough. */
  readonly next: (Pair & { readonly published: Date | undefined }) | undefined;
  /** CAs that sign nothing any more. They are trusted until the last leaf that they signed has ended. */
  readonly retired: { readonly certs: string; readonly until: Date } | undefined;
};

/** The data keys that are ours; a Secret may hold others. */
const DATA_KEYS = [
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

/** The content of an empty Secret. */
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

/** Returns the changes to the data of the Secret that store this; a key that must go is undefined. */
export function writeStored(stored: Stored): Record<string, string | undefined> {
  const { leaf, authority, next, retired } = stored;
  return {
    ...Object.fromEntries(DATA_KEYS.map((key) => [key, undefined])),
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
