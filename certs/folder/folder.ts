/** Reads and watches a folder with a certificate that others make: cert-manager, or whoever runs the cluster. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, realpath, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pair } from '../host.ts';
import { isCurrent, isWhole, splitBundle } from '../pem/bundle.ts';
import { signers } from '../serving/handover.ts';

export type Folder = {
  /** The certificate, which may be a chain, and its key. */
  readonly pair: Pair;
  /** The CAs of ca.crt. The text is empty if there are none. */
  readonly authorities: string;
};

export type Demands = {
  readonly now: Date;
  /** The name that API servers connect to; undefined where nobody knows. */
  readonly host: string | undefined;
  /** True if the certificate must be signed by a CA of ca.crt. */
  readonly authorities: boolean;
};

type Texts = { readonly cert: string; readonly key: string; readonly ca: string };

/** The kubelet's link to the files of a Secret as they belong together. It is moved, and the files never change. */
const KUBELET_LINK = '..data';

/** Before the folder is watched again (milliseconds). */
const WATCH_PAUSE_MS = 5000;

/** Reads the folder. Returns its content if all of it can be used; otherwise what is wrong with it. */
export async function readFolder(directory: string, demands: Demands): Promise<Folder | { readonly problem: string }> {
  const texts = await readTogether(directory);
  const problem = findProblem(texts, demands);
  if (problem) return { problem };
  return {
    pair: { cert: splitBundle(texts.cert).join(''), key: texts.key },
    authorities: splitBundle(texts.ca).join(''),
  };
}

/** Calls `onChange` for changes until the signal aborts. It never calls it where nothing can be watched. */
export async function watchFolder(directory: string, signal: AbortSignal, onChange: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _ of watch(directory, { signal })) onChange();
    } catch {
      // The folder is not there, or no longer: the next read of it says so.
    }
    await sleep(WATCH_PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readTogether(directory: string): Promise<Texts> {
  for (;;) {
    const before = await target(directory);
    const [cert, key, ca] = await Promise.all(['tls.crt', 'tls.key', 'ca.crt'].map((name) => text(join(before, name))));
    if ((await target(directory)) === before) return { cert: cert ?? '', key: key ?? '', ca: ca ?? '' };
  }
}

async function target(directory: string): Promise<string> {
  return realpath(join(directory, KUBELET_LINK)).catch(() => directory);
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function findProblem(texts: Texts, { now, host, authorities }: Demands): string | undefined {
  if (!isWhole(texts.cert)) return 'tls.crt is missing, or no whole certificate';
  const leaf = new X509Certificate(splitBundle(texts.cert)[0] ?? '');
  if (!belongs(leaf, texts.key)) return 'tls.key is missing, or does not belong to tls.crt';
  if (leaf.validFromDate > now) return `the certificate begins on ${leaf.validFromDate.toISOString()}`;
  if (!isCurrent(leaf, now)) return `the certificate ended on ${leaf.validToDate.toISOString()}`;
  // API servers look at no common name.
  if (host && !leaf.checkHost(host, { subject: 'never' })) return `the certificate is not for the name ${host}`;
  if (!authorities) return undefined;
  if (!isWhole(texts.ca)) return 'ca.crt is missing, or no whole certificate';
  const current = splitBundle(texts.ca).filter((pem) => isCurrent(new X509Certificate(pem), now));
  return signers(texts.cert, current).length > 0
    ? undefined
    : 'the certificate is of no CA in ca.crt that is valid now';
}

function belongs(leaf: X509Certificate, key: string): boolean {
  try {
    return leaf.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
