/** Keeps the caBundles of a second webhook configuration equal to those of the first, which the certificates wait for. */
import type { Cluster, Log, Written } from '../host.ts';
import { mergeBundles, sameBundle } from '../pem/bundle.ts';
import { createTrigger, repeat } from '../serving/repeat.ts';

export type CopyOptions = {
  readonly cluster: Cluster;
  /** The name of the MutatingWebhookConfiguration, which is only read. */
  readonly from: string;
  /** The name of the ValidatingWebhookConfiguration. It need not exist: no certificate waits for it. */
  readonly to: string;
  readonly log: Log;
};

type MirrorOptions = CopyOptions & {
  readonly signal: AbortSignal;
  /** The time between two looks when nothing is known to have changed. */
  readonly pollMilliseconds?: number;
};

/**
 * Writes the bundle of the first configuration into every webhook of the second, if they differ. Returns undefined if there is
 * nothing to write.
 */
export async function copyBundle({ cluster, from, to, log }: CopyOptions): Promise<Written | undefined> {
  const [found, copy] = await Promise.all([
    cluster.configuration(from).read(),
    cluster.validatingConfiguration(to).read(),
  ]);
  const bundle = mergeBundles(...(found?.bundles ?? []));
  if (!copy || bundle === '' || copy.bundles.every((each) => sameBundle(each, bundle))) return undefined;
  const written = await copy.publish(bundle);
  if (written === 'done') log.info({ validatingWebhookConfigurationName: to }, 'Wrote the CAs into its caBundles.');
  return written;
}

/** Writes the bundle of the first configuration into every webhook of the second whenever they differ, until the signal aborts. */
export async function mirrorBundle(options: MirrorOptions): Promise<void> {
  const { cluster, from, to, log, signal, pollMilliseconds = 30_000 } = options;
  const trigger = createTrigger();
  const watches = [
    cluster.configuration(from).watch(trigger.fire, signal),
    cluster.validatingConfiguration(to).watch(trigger.fire, signal),
  ];
  const act = async () => {
    if ((await copyBundle(options)) === 'conflict') trigger.fire();
    return undefined;
  };
  await repeat(trigger, { log, signal, now: () => new Date(), pollMilliseconds, backoff: cluster.backoff, act });
  await Promise.all(watches);
}
