/**
 * Decides what to do next about the certificates. Every replica asks this, does the one step, and asks again: the second one
 * finds it done. Two promises hold at each step: a leaf is only used while every caBundle holds its CA, and a new CA has been in
 * every caBundle for a while before it signs, as API servers learn of it one by one.
 */
import { X509Certificate } from 'node:crypto';
import { holds, isCurrent, mergeBundles, pruneBundle, sameBundle } from '../pem/bundle.ts';
import { OVERLAP_MS } from '../serving/handover.ts';
import type { Stored } from './stored.ts';

/** Has the lives of the certificates, in milliseconds. */
export type Policy = {
  readonly authorityLifetime: number;
  readonly leafLifetime: number;
  /** The time for which a new CA is in every caBundle before its first leaf. */
  readonly overlap: number;
  /** A certificate begins this long before it is made, for clocks that are behind. */
  readonly backdate: number;
};

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The policy of the product. Each certificate is renewed when two thirds of its life are over, or a little before. */
export const POLICY: Policy = {
  authorityLifetime: 3 * 365 * DAY,
  leafLifetime: 90 * DAY,
  overlap: OVERLAP_MS,
  backdate: 60 * MINUTE,
};

export type State = {
  /** The content of the Secret, or undefined if there is no Secret. */
  readonly stored: Stored | undefined;
  /** The caBundle of each webhook of the configuration, or undefined if there is no configuration, or no webhook in it. */
  readonly bundles: readonly string[] | undefined;
  /** The names that the leaf must have. */
  readonly names: readonly string[];
};

export type Step =
  /** Begin anew with a CA of our own. The CAs of ours in the caBundles stay trusted for as long as a leaf lives. */
  | { readonly kind: 'found-authority' }
  | { readonly kind: 'add-next-authority' }
  | { readonly kind: 'drop-next-authority' }
  | { readonly kind: 'publish'; readonly bundle: string }
  /** Note since when every caBundle holds the next CA; undefined when one does not hold it any more. */
  | { readonly kind: 'note-published'; readonly at: Date | undefined }
  /** The next CA becomes the one that signs, and signs its first leaf. */
  | { readonly kind: 'promote-next-authority' }
  | { readonly kind: 'issue-leaf' }
  | { readonly kind: 'drop-retired' }
  /** Nothing can be done: there is no Secret to write into, or no webhook configuration to publish the CA in. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'wait'; readonly until: Date };

/** Returns the one step that is due at `now`. */
export function lifecycle(now: Date, state: State, policy: Policy): Step {
  const { stored, bundles } = state;
  if (!stored) return { kind: 'blocked' };
  if (!(isCurrentPem(stored.authority?.cert, now) || isCurrentPem(stored.next?.cert, now))) {
    return { kind: 'found-authority' };
  }
  return (
    tidy(now, stored) ??
    publish(now, stored, bundles) ??
    repairLeaf(now, stored, state) ??
    succession(now, stored, state, policy) ??
    renewLeaf(now, stored, policy) ?? { kind: 'wait', until: nextDeadline(now, stored, policy) }
  );
}

/** Returns whether the stored leaf may be served: it is whole, current and ours, and every caBundle holds its CA. */
export function isServable(now: Date, state: State): boolean {
  const authority = state.stored?.authority;
  return (
    state.stored !== undefined &&
    authority !== undefined &&
    isGoodLeaf(now, state.stored, state.names) &&
    state.bundles?.every((bundle) => holds(bundle, authority.cert)) === true
  );
}

/** Returns what every caBundle must hold: all CAs of which a leaf may be in use, now or soon. */
export function wantedBundle(now: Date, stored: Stored): string {
  const retired = isRetired(now, stored) ? (stored.retired?.certs ?? '') : '';
  const all = mergeBundles(stored.authority?.cert ?? '', stored.next?.cert ?? '', retired);
  return pruneBundle(all, (certificate) => isCurrent(certificate, now));
}

/** Returns when a leaf that is issued now would end: never after its CA. */
export function leafEnd(now: Date, authority: string, policy: Policy): Date {
  const end = now.getTime() + policy.leafLifetime;
  return new Date(Math.min(end, new X509Certificate(authority).validToDate.getTime()));
}

function tidy(now: Date, stored: Stored): Step | undefined {
  if (stored.next && !isCurrentPem(stored.next.cert, now)) return { kind: 'drop-next-authority' };
  if (stored.retired && !isRetired(now, stored)) return { kind: 'drop-retired' };
  return undefined;
}

function publish(now: Date, stored: Stored, bundles: State['bundles']): Step | undefined {
  if (!bundles) return undefined;
  const { next } = stored;
  if (next?.published && !bundles.every((bundle) => holds(bundle, next.cert))) {
    return { kind: 'note-published', at: undefined };
  }
  const bundle = wantedBundle(now, stored);
  return bundles.every((each) => sameBundle(each, bundle)) ? undefined : { kind: 'publish', bundle };
}

/** Repairs a bad leaf. There is no good one to overlap with, so the first CA that can sign and is published does so at once. */
function repairLeaf(now: Date, stored: Stored, { bundles, names }: State): Step | undefined {
  if (isGoodLeaf(now, stored, names)) return undefined;
  const canSign = stored.authority?.key !== undefined && isCurrentPem(stored.authority.cert, now);
  if (!canSign && !stored.next) return { kind: 'add-next-authority' };
  if (!bundles) return { kind: 'blocked' };
  return { kind: canSign ? 'issue-leaf' : 'promote-next-authority' };
}

function succession(now: Date, stored: Stored, { bundles }: State, policy: Policy): Step | undefined {
  const { authority, next } = stored;
  if (!next) {
    return !authority?.key || now >= renewalDate(authority.cert) ? { kind: 'add-next-authority' } : undefined;
  }
  if (!bundles) return undefined;
  if (!next.published || next.published > now) return { kind: 'note-published', at: now };
  return now.getTime() >= next.published.getTime() + policy.overlap ? { kind: 'promote-next-authority' } : undefined;
}

function renewLeaf(now: Date, stored: Stored, policy: Policy): Step | undefined {
  const { authority, leaf } = stored;
  if (!authority?.key || !leaf || now < renewalDate(leaf.cert)) return undefined;
  const gains = leafEnd(now, authority.cert, policy) > new X509Certificate(leaf.cert).validToDate;
  return gains ? { kind: 'issue-leaf' } : undefined;
}

function nextDeadline(now: Date, stored: Stored, policy: Policy): Date {
  const { leaf, authority, next, retired } = stored;
  const dates = [
    leaf && renewalDate(leaf.cert),
    !next && authority && renewalDate(authority.cert),
    next?.published && new Date(next.published.getTime() + policy.overlap),
    retired?.until,
  ];
  const times = dates.filter((date) => date instanceof Date).map((date) => date.getTime());
  return new Date(Math.min(...times.filter((time) => time > now.getTime()), now.getTime() + DAY));
}

function isGoodLeaf(now: Date, stored: Stored, names: readonly string[]): boolean {
  if (!stored.leaf || !stored.authority) return false;
  const leaf = new X509Certificate(stored.leaf.cert);
  const authority = new X509Certificate(stored.authority.cert);
  return (
    isCurrent(leaf, now) &&
    isCurrent(authority, now) &&
    leaf.checkIssued(authority) &&
    leaf.verify(authority.publicKey) &&
    hasNames(leaf, names)
  );
}

function hasNames(leaf: X509Certificate, names: readonly string[]): boolean {
  const actual = leaf.subjectAltName?.split(', ').toSorted() ?? [];
  const wanted = names.map((name) => `DNS:${name}`).toSorted();
  return actual.join() === wanted.join();
}

function isRetired(now: Date, stored: Stored): boolean {
  return stored.retired !== undefined && now < stored.retired.until;
}

function isCurrentPem(pem: string | undefined, now: Date): boolean {
  return pem !== undefined && isCurrent(new X509Certificate(pem), now);
}

/**
 * Returns the moment when two thirds of a certificate's life are over, less up to a thirtieth. The certificate's fingerprint decides
 * how much less, so that replicas agree and clusters do not renew at the same moment.
 */
function renewalDate(pem: string): Date {
  const { validFromDate, validToDate, fingerprint256 } = new X509Certificate(pem);
  const life = validToDate.getTime() - validFromDate.getTime();
  const jitter = Number.parseInt(fingerprint256.replaceAll(':', '').slice(0, 8), 16) / 2 ** 32 / 30;
  return new Date(validFromDate.getTime() + Math.floor(life * (2 / 3 - jitter)));
}
