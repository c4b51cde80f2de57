/** Serves the certificate of a folder for as long as the webhook runs, and publishes its CA where that is asked. */
import type { CertificateListener, Cluster, ConfigurationSnapshot } from '../host.ts';
import { sameBundle } from '../pem/bundle.ts';
import { OVERLAP_MS } from '../serving/handover.ts';
import { createTrigger, repeat, type Trigger } from '../serving/repeat.ts';
import { createServing, type Serving } from '../serving/serving.ts';
import { type Folder, readFolder, watchFolder } from './folder.ts';
import { createGracePeriod } from './grace-period.ts';

export type FolderOptions = CertificateListener & {
  /** The folder holds tls.crt and tls.key, and ca.crt where the CA is to be published. */
  readonly directory: string;
  /** The name that the certificate must be for. */
  readonly host?: string;
  /** The configuration is read, so that a new certificate waits for its CA to spread; with `publishes` it is written, too. */
  readonly configuration?: { readonly name: string; readonly publishes: boolean };
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
  readonly overlap?: number;
  /** The time between two looks when nothing is known to have changed. */
  readonly pollMilliseconds?: number;
};

/** Hands each good certificate of the folder to `onPair` until the signal aborts. A broken one changes nothing. */
export async function followFolder(options: FolderOptions): Promise<void> {
  const { directory, configuration, cluster, log, signal } = options;
  const { now = () => new Date(), overlap = OVERLAP_MS, pollMilliseconds = 30_000 } = options;
  const trigger = createTrigger();
  const watches = [watchFolder(directory, signal, trigger.fire)];
  if (configuration) watches.push(cluster.configuration(configuration.name).watch(trigger.fire, signal));
  const act = makeLook(options, { trigger, now, serving: createServing(options, overlap) });
  await repeat(trigger, { log, signal, now, pollMilliseconds, backoff: cluster.backoff, act });
  await Promise.all(watches);
}

type Parts = { readonly trigger: Trigger; readonly now: () => Date; readonly serving: Serving };

function makeLook(options: FolderOptions, { trigger, now, serving }: Parts): () => Promise<undefined> {
  const { directory, host, configuration, cluster, log, onConfiguration } = options;
  const stored = configuration && cluster.configuration(configuration.name);
  const publishes = configuration?.publishes === true;
  const bundleWithGrace = createGracePeriod();
  let snapshot: ConfigurationSnapshot | undefined;
  let bundles: readonly string[] | undefined;
  let good: Folder | undefined;

  const look = async () => {
    if (!stored) return;
    snapshot = await stored.read();
    bundles = snapshot?.bundles ?? [];
    onConfiguration?.(snapshot !== undefined);
    serving.note(now(), bundles);
  };
  const offer = async () => {
    const time = now();
    const read = await readFolder(directory, { now: time, host, authorities: publishes });
    const problem = 'problem' in read ? read.problem : undefined;
    if (!('problem' in read)) good = read;
    const untrusted = good !== undefined && !serving.isTrusted(good.pair.cert);
    const kept = problem !== undefined;
    const subject = { directory, webhookConfigurationName: configuration?.name };
    serving.report(describe(options, { problem, bundles, untrusted }), { subject, kept });
    if (good && !kept && !(publishes && untrusted)) serving.offer(time, good.pair);
  };
  const spread = async () => {
    if (!publishes || !good || !snapshot) return;
    const bundle = bundleWithGrace(now(), good.authorities, snapshot.bundles);
    if (snapshot.bundles.every((each) => sameBundle(each, bundle))) return;
    const written = await snapshot.publish(bundle);
    if (written === 'done')
      log.info({ webhookConfigurationName: configuration.name }, 'Wrote ca.crt into every caBundle.');
    trigger.fire();
  };
  return async () => {
    try {
      await look();
    } finally {
      // The files are there without the API server, too.
      await offer();
    }
    await spread();
    return undefined;
  };
}

type Found = { problem: string | undefined; bundles: readonly string[] | undefined; untrusted: boolean };

function describe({ directory, configuration }: FolderOptions, { problem, bundles, untrusted }: Found): string {
  if (problem) return `The certificate in ${directory} can't be used: ${problem}. One that is in use is kept.`;
  if (!configuration || !bundles) return '';
  const name = `MutatingWebhookConfiguration ${configuration.name}`;
  if (bundles.length === 0) return `There is no ${name} with a webhook in it: install the chart again.`;
  if (untrusted && !configuration.publishes) {
    return `The ${name} trusts no CA of the certificate in ${directory}: API servers refuse it until its caBundle does.`;
  }
  return '';
}
