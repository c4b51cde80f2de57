/** Makes the caBundle of a CA that others bring. A CA that is no longer in ca.crt stays in it for a while. */
import { holds, isCurrent, mergeBundles, pruneBundle, splitBundle } from '../pem/bundle.ts';

/**
 * A Secret reaches the volumes of the replicas minutes apart, as the kubelet syncs them once a minute or so. So a replica may
 * still serve a certificate of a CA that another one no longer finds. After an hour none does.
 */
const GRACE_PERIOD_MS = 60 * 60_000;

/** Returns a function that says what every caBundle should hold. It remembers since when this process has seen each other CA in them. */
export function createGracePeriod(): (now: Date, authorities: string, bundles: readonly string[]) => string {
  const since = new Map<string, number>();
  return (now, authorities, bundles) => {
    const others = splitBundle(bundles.join('\n')).filter((pem) => !holds(authorities, pem));
    for (const pem of since.keys()) if (!others.includes(pem)) since.delete(pem);
    for (const pem of others) since.set(pem, Math.min(since.get(pem) ?? Infinity, now.getTime()));
    const staying = others.filter((pem) => now.getTime() < (since.get(pem) ?? 0) + GRACE_PERIOD_MS);
    return pruneBundle(mergeBundles(authorities, ...staying), (certificate) => isCurrent(certificate, now));
  };
}
