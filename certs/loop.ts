/** Keeps self-managed certificates right for as long as the webhook runs, in every replica at once. */
import type { KubeConfig } from '@kubernetes/client-node';
import { converge } from './converge.ts';
import { connect, type Names, type Seen } from './kube.ts';
import { isServable, POLICY, type Policy } from './lifecycle.ts';
import { makeBell, repeat } from './repeat.ts';
import { makeServing, type Outlet, type Serving } from './serving.ts';
import { watchConfiguration, watchObject } from './watch.ts';

export type ManageOptions = Names &
  Outlet & {
    readonly kubeConfig: KubeConfig;
    readonly signal: AbortSignal;
    readonly now?: () => Date;
    readonly policy?: Policy;
    /** How often to look without being told of a change. */
    readonly pollMilliseconds?: number;
  };

/**
 * Makes, publishes and renews the certificates, and hands each new one to `onPair` once every caBundle holds its CA,
 * until the signal aborts. Whatever goes wrong is logged and tried again; a certificate that was handed out before
 * stays good meanwhile.
 */
export async function manageCertificates(options: ManageOptions): Promise<void> {
  const { kubeConfig, log, signal, namespace, secretName, webhookConfigurationName: name } = options;
  const { now = () => new Date(), policy = POLICY, pollMilliseconds = 30_000 } = options;
  const cluster = connect(kubeConfig, options);
  const bell = makeBell();
  const watched = { kubeConfig, log, signal, onChange: bell.ring };
  const watches = [
    watchObject({ ...watched, path: `/api/v1/namespaces/${namespace}/secrets`, name: secretName }),
    watchConfiguration({ ...watched, name }),
  ];
  const serving = makeServing(options, policy.overlap);
  const onSeen = (seen: Seen) => observe(seen, now(), serving, options);
  const act = async () => {
    const outcome = await converge({ cluster, now, policy, log, onSeen });
    return outcome.kind === 'settled' ? outcome.until : undefined;
  };
  await repeat(bell, { log, signal, now, pollMilliseconds, act });
  await Promise.all(watches);
}

/** Hands over what may be served, and says what is wrong with the objects. */
function observe(seen: Seen, now: Date, serving: Serving, options: ManageOptions): void {
  const { secretName, webhookConfigurationName, onConfiguration } = options;
  const subject = { secretName, webhookConfigurationName };
  const kept = seen.secret === undefined || seen.broken.length > 0;
  serving.report(findProblem(seen, options), { subject, kept });
  onConfiguration?.(seen.bundles !== undefined);
  serving.note(now, seen.bundles);
  const leaf = seen.stored?.leaf;
  if (leaf && isServable(now, seen)) serving.offer(now, leaf);
}

function findProblem({ secret, broken, bundles }: Seen, names: Names): string {
  const { namespace, secretName, webhookConfigurationName } = names;
  if (!secret) {
    return `There is no Secret ${secretName}, and the webhook may not make one: run \`kubectl create secret generic ${secretName} -n ${namespace}\`, or install the chart again. The certificate in use, if there is one, is kept until it ends.`;
  }
  if (broken.length > 0) {
    return `The Secret ${secretName} has broken content (${broken.join('; ')}): it is replaced, and the certificate in use is kept until then.`;
  }
  if (!bundles) {
    return `There is no MutatingWebhookConfiguration ${webhookConfigurationName} with a webhook in it: install the chart again. The CA is written into it as soon as it is there.`;
  }
  return '';
}
