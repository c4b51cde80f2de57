/** Keeps self-managed certificates right for as long as the webhook runs, in every replica at once. */
import type { CertificateListener, Cluster } from '../host.ts';
import { createTrigger, repeat } from '../serving/repeat.ts';
import { createServing, type Serving } from '../serving/serving.ts';
import { converge } from './converge.ts';
import { isServable, POLICY, type Policy } from './lifecycle.ts';
import { type Names, type Observed, observe } from './state.ts';

export type ManageOptions = Names &
  CertificateListener & {
    readonly cluster: Cluster;
    readonly signal: AbortSignal;
    readonly now?: () => Date;
    readonly policy?: Policy;
    /** The time between two looks when nothing is known to have changed. */
    readonly pollMilliseconds?: number;
  };

/**
 * Makes, publishes and renews the certificates, and hands each new one to `onPair` once every caBundle holds its CA, until the
 * signal aborts. Every failure is logged and tried again; a certificate that was handed out before stays good meanwhile.
 */
export async function manageCertificates(options: ManageOptions): Promise<void> {
  const { cluster, log, signal } = options;
  const { now = () => new Date(), policy = POLICY, pollMilliseconds = 30_000 } = options;
  const trigger = createTrigger();
  const watches = [
    cluster.secret(options.namespace, options.secretName).watch(trigger.fire, signal),
    cluster.configuration(options.webhookConfigurationName).watch(trigger.fire, signal),
  ];
  const serving = createServing(options, policy.overlap);
  const act = async () => {
    const outcome = await converge({
      observe: () => observe(cluster, options),
      onObserved: (observed) => report(observed, now(), serving, options),
      ...{ now, policy, log },
    });
    return outcome.kind === 'done' ? outcome.until : undefined;
  };
  await repeat(trigger, { log, signal, now, pollMilliseconds, backoff: cluster.backoff, act });
  await Promise.all(watches);
}

/** Hands over the certificate if it may be served, and reports what is wrong with the objects. */
function report(observed: Observed, now: Date, serving: Serving, options: ManageOptions): void {
  const { secretName, webhookConfigurationName, onConfiguration } = options;
  const subject = { secretName, webhookConfigurationName };
  const kept = observed.secret === undefined || observed.broken.length > 0;
  serving.report(findProblem(observed, options), { subject, kept });
  onConfiguration?.(observed.bundles !== undefined);
  serving.note(now, observed.bundles);
  const leaf = observed.stored?.leaf;
  if (leaf && isServable(now, observed)) serving.offer(now, leaf);
}

function findProblem({ secret, broken, bundles }: Observed, names: Names): string {
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
