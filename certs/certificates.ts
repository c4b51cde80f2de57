/** Offers what others use of this folder: the three ways to get a certificate, and the command that makes one and ends. */
import { converge } from './authority/converge.ts';
import { isServable, POLICY } from './authority/lifecycle.ts';
import { manageCertificates } from './authority/loop.ts';
import { type Names, type Observed, observe } from './authority/state.ts';
import { followFolder } from './folder/loop.ts';
import type { CertificateListener, Cluster, Log } from './host.ts';
import { type CopyOptions, copyBundle, mirrorBundle } from './mirror/mirror.ts';

type InFolder = {
  /** The folder in which the Secret is mounted. */
  readonly directory: string;
  readonly serviceName?: string | undefined;
  readonly webhookConfigurationName?: string | undefined;
};

/** Says who makes the certificate, and where it is. */
export type Mode =
  | ({ readonly mode: 'self-managed' } & Omit<Names, 'namespace'>)
  | ({ readonly mode: 'cert-manager' } & InFolder)
  | ({ readonly mode: 'provided'; readonly caBundle: 'ca.crt' | 'given' } & InFolder);

export type KeepOptions = CertificateListener & {
  readonly cluster: Cluster;
  /** The namespace of the Secret and of the Service. */
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** The name of a ValidatingWebhookConfiguration that gets the same caBundle; undefined where others write it, or there is none. */
  readonly validatingConfigurationName?: string | undefined;
};

/** Keeps a good certificate in service, and the caBundles of the webhook configurations right, until the signal aborts. */
export async function keepCertificates(mode: Mode, options: KeepOptions): Promise<void> {
  const { webhookConfigurationName: from } = mode;
  const { validatingConfigurationName: to } = options;
  await Promise.all([serve(mode, options), ...(from && to ? [mirrorBundle({ ...options, from, to })] : [])]);
}

function serve(mode: Mode, options: KeepOptions): Promise<void> {
  if (mode.mode === 'self-managed') {
    const { mode: _, ...names } = mode;
    return manageCertificates({ ...options, ...names });
  }
  const { directory, serviceName, webhookConfigurationName: name } = mode;
  const publishes = mode.mode === 'provided' && mode.caBundle === 'ca.crt';
  return followFolder({
    ...options,
    directory,
    ...(serviceName && { host: `${serviceName}.${options.namespace}.svc` }),
    ...(name && { configuration: { name, publishes } }),
  });
}

/**
 * Does what is due about self-managed certificates now, and copies the caBundle into the ValidatingWebhookConfiguration of the
 * same name, if there is one. Returns undefined when a certificate can be served, or the kind of the object that is missing.
 * Throws what the API server refuses.
 */
export async function renewCertificates(
  names: Names,
  { cluster, log }: { readonly cluster: Cluster; readonly log: Log },
): Promise<'Secret' | 'MutatingWebhookConfiguration' | undefined> {
  const now = () => new Date();
  let last: Observed | undefined;
  const onObserved = (observed: Observed) => {
    last = observed;
  };
  await converge({ observe: () => observe(cluster, names), now, policy: POLICY, log, onObserved });
  const { webhookConfigurationName: name } = names;
  await copyOnce({ cluster, log, from: name, to: name });
  if (last && isServable(now(), last)) return undefined;
  return last?.secret ? 'MutatingWebhookConfiguration' : 'Secret';
}

/** The copy is tried so often if others write the configuration at the same time. */
const COPY_TRIES = 5;

/** Copies the caBundle. A failure is only a warning: without it there is no advice at `kubectl apply`, and pods are injected. */
async function copyOnce(options: CopyOptions): Promise<void> {
  try {
    for (let tries = 0; tries < COPY_TRIES; tries++) if ((await copyBundle(options)) !== 'conflict') return;
    throw new Error(`others changed it first, ${COPY_TRIES} times in a row`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.log.warn(
      { validatingWebhookConfigurationName: options.to },
      `Could not write the CAs into its caBundles, so that \`kubectl apply\` shows no warnings: ${reason}. The webhook tries it too.`,
    );
  }
}
