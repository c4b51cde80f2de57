/** Serves the certificate of a folder for as long as the webhook runs, and publishes its CA where that is asked. */
import type { KubeConfig } from '@kubernetes/client-node';
import { certificatesApi } from './api.ts';
import { sameBundle } from './bundle.ts';
import { publish, readBundles, readConfiguration } from './configuration.ts';
import { type Folder, readFolder, watchFolder } from './folder.ts';
import { POLICY } from './lifecycle.ts';
import { makeLingering } from './lingering.ts';
import { type Bell, makeBell, repeat } from './repeat.ts';
import { makeServing, type Outlet, type Serving } from './serving.ts';
import { watchConfiguration } from './watch.ts';

export type FolderOptions = Outlet & {
  /** Holds tls.crt and tls.key, and ca.crt where the CA is to be published. */
  readonly directory: string;
  /** The name that the certificate must be for. */
  readonly host?: string;
  /** Looked at, so that a new certificate waits for its CA to spread; and written, where `publishes`. */
  readonly configuration?: { readonly name: string; readonly publishes: boolean };
  readonly kubeConfig: KubeConfig;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
  readonly overlap?: number;
  /** How often to look without being told of a change. */
  readonly pollMilliseconds?: number;
};

/** Hands each good certificate of the folder to `onPair` until the signal aborts; one that is broken changes nothing. */
export async function followFolder(options: FolderOptions): Promise<void> {
  const { directory, configuration, kubeConfig, log, signal } = options;
  const { now = () => new Date(), overlap = POLICY.overlap, pollMilliseconds = 30_000 } = options;
  const bell = makeBell();
  const watches = [watchFolder(directory, signal, bell.ring)];
  if (configuration) {
    watches.push(watchConfiguration({ kubeConfig, log, signal, onChange: bell.ring, name: configuration.name }));
  }
  const act = makeLook(options, { bell, now, serving: makeServing(options, overlap) });
  await repeat(bell, { log, signal, now, pollMilliseconds, act });
  await Promise.all(watches);
}

type Parts = { readonly bell: Bell; readonly now: () => Date; readonly serving: Serving };

function makeLook(options: FolderOptions, { bell, now, serving }: Parts): () => Promise<undefined> {
  const { directory, host, configuration, kubeConfig, log, onConfiguration } = options;
  const api = configuration && certificatesApi(kubeConfig);
  const publishes = configuration?.publishes === true;
  const wanted = makeLingering();
  let seen: Awaited<ReturnType<typeof readConfiguration>>;
  let bundles: readonly string[] | undefined;
  let good: Folder | undefined;

  const look = async () => {
    if (!configuration || !api) return;
    seen = await readConfiguration(api, configuration.name);
    bundles = readBundles(seen) ?? [];
    onConfiguration?.(bundles.length > 0);
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
    if (!publishes || !api || !good || !bundles?.length) return;
    const bundle = wanted(now(), good.authorities, bundles);
    if (bundles.every((held) => sameBundle(held, bundle))) return;
    const written = await publish(api, seen, bundle);
    if (written === 'done')
      log.info({ webhookConfigurationName: configuration.name }, 'Wrote ca.crt into every caBundle.');
    bell.ring();
  };
  return async () => {
    try {
      await look();
    } finally {
      // Without the API server, too, the files are there.
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
