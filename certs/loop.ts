/** Keeps the certificates right for as long as the webhook runs, in every replica at once. */
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { describeError } from './api.ts';
import { converge } from './converge.ts';
import { connect, type Names, type Seen } from './kube.ts';
import { isServable, POLICY, type Policy } from './lifecycle.ts';
import type { Log } from './log.ts';
import { pause, watchObject } from './watch.ts';

export type ManageOptions = Names & {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  /** Called with each new certificate to serve; every caBundle holds its CA by then. */
  readonly onPair: (pair: { cert: string; key: string; notAfter: Date }) => void;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
  readonly policy?: Policy;
  /** How often to look without being told of a change. */
  readonly pollMilliseconds?: number;
};

/**
 * Makes, publishes and renews the certificates, and hands each new one to `onPair`, until the signal aborts. Whatever
 * goes wrong is logged and tried again; a certificate that was handed out before stays good meanwhile.
 */
export async function manageCertificates(options: ManageOptions): Promise<void> {
  const { kubeConfig, log, signal, now = () => new Date(), policy = POLICY, pollMilliseconds = 30_000 } = options;
  const cluster = connect(kubeConfig, options);
  const bell = makeBell();
  const onSeen = makeObserver(options, now);
  const watches = watchBoth(options, bell.ring);
  let failures = 0;
  while (!signal.aborted) {
    bell.reset();
    let patience = pollMilliseconds;
    try {
      const outcome = await converge({ cluster, now, policy, log, onSeen });
      failures = 0;
      if (outcome.kind === 'settled') patience = Math.min(patience, outcome.until.getTime() - now().getTime());
    } catch (error) {
      failures += 1;
      patience = pause(failures);
      log.error({ error: describeError(error), failures }, 'Could not keep the certificates right; trying again.');
    }
    await bell.rung(patience, signal);
    // After a failure, an object that changes all the time must not undo the pause.
    if (failures > 0) await rest(patience, signal);
  }
  await watches;
}

/** Hands over what may be served, and says what is wrong with the objects: once, not each time that it is seen. */
function makeObserver(options: ManageOptions, now: () => Date): (seen: Seen) => void {
  const { log, onPair, secretName, webhookConfigurationName } = options;
  let served = '';
  let said = '';
  return (seen) => {
    const problem = findProblem(seen, options);
    if (problem && problem !== said) log.warn({ secretName, webhookConfigurationName, served: served !== '' }, problem);
    said = problem;
    const leaf = seen.stored?.leaf;
    if (!leaf || leaf.cert === served || !isServable(now(), seen)) return;
    const notAfter = new X509Certificate(leaf.cert).validToDate;
    onPair({ ...leaf, notAfter });
    served = leaf.cert;
    log.info({ notAfter }, 'A new server certificate is in use.');
  };
}

function findProblem({ broken, bundles }: Seen, { secretName, webhookConfigurationName }: Names): string {
  if (broken.length > 0) {
    return `The Secret ${secretName} has broken content (${broken.join('; ')}): it is replaced, and the certificate in use is kept until then.`;
  }
  if (!bundles) {
    return `There is no MutatingWebhookConfiguration ${webhookConfigurationName} with a webhook in it: install the chart again. The CA is written into it as soon as it is there.`;
  }
  return '';
}

async function watchBoth(options: ManageOptions, onChange: () => void): Promise<void> {
  const { kubeConfig, log, signal, namespace, secretName, webhookConfigurationName } = options;
  const shared = { kubeConfig, log, signal, onChange };
  await Promise.all([
    watchObject({ ...shared, path: `/api/v1/namespaces/${namespace}/secrets`, name: secretName }),
    watchObject({
      ...shared,
      path: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
      name: webhookConfigurationName,
    }),
  ]);
}

type Bell = { ring(): void; reset(): void; rung(milliseconds: number, signal: AbortSignal): Promise<void> };

/** Waits for a change or for some time, whichever is first. A change since the last reset counts. */
function makeBell(): Bell {
  let bell = Promise.withResolvers<void>();
  return {
    ring: () => bell.resolve(),
    reset: () => {
      bell = Promise.withResolvers();
    },
    rung: async (milliseconds, signal) => {
      const done = new AbortController();
      await Promise.race([bell.promise, rest(milliseconds, AbortSignal.any([signal, done.signal]))]);
      done.abort();
    },
  };
}

async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined);
}
