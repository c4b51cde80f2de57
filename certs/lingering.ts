/** The caBundle of a CA that others bring: what it holds besides stays a while, and goes then. */
import { holds, isCurrent, mergeBundles, pruneBundle, splitBundle } from './bundle.ts';

/**
 * A Secret reaches the replicas' volumes minutes apart, so what one of them finds too much another may still serve.
 * After this time it does not any more.
 */
const LINGER = 60 * 60_000;

/** Says what every caBundle is to hold; remembers since when this process has seen the others in it. */
export function makeLingering(): (now: Date, authorities: string, bundles: readonly string[]) => string {
  const since = new Map<string, number>();
  return (now, authorities, bundles) => {
    const others = splitBundle(bundles.join('\n')).filter((pem) => !holds(authorities, pem));
    for (const pem of since.keys()) if (!others.includes(pem)) since.delete(pem);
    for (const pem of others) since.set(pem, Math.min(since.get(pem) ?? Infinity, now.getTime()));
    const lingering = others.filter((pem) => now.getTime() < (since.get(pem) ?? 0) + LINGER);
    return pruneBundle(mergeBundles(authorities, ...lingering), (certificate) => isCurrent(certificate, now));
  };
}
