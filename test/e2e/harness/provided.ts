/** Certificates that are not the webhook's own: made here, and brought to it in a Secret. */
import { issueAuthority, issueLeaf, serviceNames } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import type { Pair } from '../../../certs/host.ts';
import { certificatesIn, servedBy } from './certificates.ts';
import { RELEASE, replicas } from './install.ts';
import { replicaMetric } from './metrics.ts';
import { until } from './progress.ts';
import type { World } from './world.ts';

/** Has a name that an operator might give, and not the chart's. */
export const PROVIDED_SECRET = 'our-own-certificate';

export type Provided = { readonly cert: string; readonly key: string; readonly ca: string };

export function newAuthority(): Promise<Pair> {
  return issueAuthority(new Date(), POLICY);
}

/** A certificate for the webhook's Service that ends so many seconds from now. */
export function newLeaf(authority: Pair, seconds: number): Promise<Pair> {
  const policy = { ...POLICY, leafLifetime: seconds * 1000 };
  return issueLeaf(new Date(), authority, serviceNames(RELEASE, RELEASE), policy);
}

/** Writes the Secret. */
export async function provide(world: World, { cert, key, ca }: Provided): Promise<void> {
  const stringData = { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca };
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: PROVIDED_SECRET, namespace: RELEASE },
    type: 'kubernetes.io/tls',
    stringData,
  });
}

/**
 * Waits for what comes of the Secret's new content. The kubelets look at a Secret about once a minute, or when a pod of theirs
 * changes: so the pods get an annotation, again and again.
 */
export function untilBrought(world: World, what: string, holds: () => Promise<boolean>): Promise<true> {
  return until(what, 120, async () => {
    for (const name of await replicas(world)) {
      await world.kubectl.run(['annotate', 'pod', name, '-n', RELEASE, '--overwrite', `e2e/looked=${Date.now()}`]);
    }
    return (await holds()) || undefined;
  });
}

/** Waits until every replica serves this certificate. */
export function untilShown(world: World, pem: string): Promise<true> {
  const [wanted] = certificatesIn(pem);
  return untilBrought(world, 'every replica to serve the provided certificate', async () => {
    const shown = await Promise.all(
      (await replicas(world)).map((name) => servedBy(world, name).catch(() => undefined)),
    );
    return shown.every((one) => one?.fingerprint256 === wanted?.fingerprint256);
  });
}

/** Returns how often each replica took a certificate into service, or kept one, by the replica's name. */
export async function reloads(world: World, result: 'loaded' | 'kept'): Promise<Record<string, number | undefined>> {
  const metric = 'aws_secrets_injector_certificate_reloads_total';
  const names = await replicas(world);
  const counts = await Promise.all(
    names.map(async (name) => [name, await replicaMetric(world, name, metric, { result })] as const),
  );
  return Object.fromEntries(counts);
}
