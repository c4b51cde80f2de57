/** Carries out a step of the life cycle on the content of the Secret. */
import { X509Certificate } from 'node:crypto';
import type { Pair } from '../host.ts';
import { isCurrent, mergeBundles, pruneBundle } from '../pem/bundle.ts';
import { isOurAuthority, issueAuthority, issueLeaf } from './issue.ts';
import { leafEnd, type Policy, type State, type Step } from './lifecycle.ts';
import { NOTHING, type Stored } from './stored.ts';

/** The steps that change the Secret. */
export type StoredStep = Exclude<Step, { kind: 'publish' | 'blocked' | 'wait' }>;

/** Returns the content of the Secret after the step. The life cycle only asks for steps that the state allows. */
export async function carryOut(step: StoredStep, now: Date, state: State, policy: Policy): Promise<Stored> {
  const stored = state.stored ?? NOTHING;
  switch (step.kind) {
    case 'found-authority':
      return { ...NOTHING, authority: await issueAuthority(now, policy), retired: stillTrusted(now, state, policy) };
    case 'add-next-authority':
      return { ...stored, next: { ...(await issueAuthority(now, policy)), published: undefined } };
    case 'drop-next-authority':
      return { ...stored, next: undefined };
    case 'note-published':
      return { ...stored, next: stored.next && { ...stored.next, published: step.at } };
    case 'promote-next-authority':
      return promote(now, stored, state.names, policy);
    case 'issue-leaf':
      return { ...stored, leaf: await issueLeaf(now, signer(stored.authority), state.names, policy) };
    case 'drop-retired':
      return { ...stored, retired: undefined };
  }
}

async function promote(now: Date, stored: Stored, names: readonly string[], policy: Policy): Promise<Stored> {
  const authority = signer(stored.next);
  const leaf = await issueLeaf(now, authority, names, policy);
  return {
    leaf,
    authority: { cert: authority.cert, key: authority.key },
    next: undefined,
    retired: retire(now, stored, policy),
  };
}

/** Adds the CA that signs no more to the retired ones, until the end of the leaf that it signed last. */
function retire(now: Date, { authority, leaf, retired }: Stored, policy: Policy): Stored['retired'] {
  if (!authority) return retired;
  const lastLeaf = leaf ? new X509Certificate(leaf.cert).validToDate : leafEnd(now, authority.cert, policy);
  const until = new Date(Math.max(lastLeaf.getTime(), retired?.until.getTime() ?? 0));
  return { certs: mergeBundles(retired?.certs ?? '', authority.cert), until };
}

/** Returns the CAs that stay trusted when all begins anew: replicas may still serve leaves of the CAs that the caBundles hold. */
function stillTrusted(now: Date, { stored, bundles }: State, policy: Policy): Stored['retired'] {
  const known = [stored?.authority?.cert, stored?.next?.cert, stored?.retired?.certs, ...(bundles ?? [])];
  const certs = pruneBundle(
    mergeBundles(...known.filter((one) => one !== undefined)),
    (certificate) => isOurAuthority(certificate) && isCurrent(certificate, now),
  );
  return certs ? { certs, until: new Date(now.getTime() + policy.leafLifetime) } : undefined;
}

function signer(authority: { readonly cert: string; readonly key: string | undefined } | undefined): Pair {
  if (!authority?.key) throw new Error('the CA has no private key to sign with');
  return { cert: authority.cert, key: authority.key };
}
