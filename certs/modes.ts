/** The three ways to come by a certificate. Whichever it is, the one that serves is told the same. */
import type { KubeConfig } from '@kubernetes/client-node';
import { followFolder } from './folder-loop.ts';
import type { Names } from './kube.ts';
import { manageCertificates } from './loop.ts';
import type { Outlet } from './serving.ts';

type InFolder = {
  /** Where the Secret is mounted. */
  readonly directory: string;
  readonly serviceName?: string | undefined;
  readonly webhookConfigurationName?: string | undefined;
};

export type Mode =
  | ({ readonly mode: 'self-managed' } & Omit<Names, 'namespace'>)
  | ({ readonly mode: 'cert-manager' } & InFolder)
  | ({ readonly mode: 'provided'; readonly caBundle: 'ca.crt' | 'given' } & InFolder);

export type ModeOptions = Outlet & {
  readonly kubeConfig: KubeConfig;
  readonly namespace: string;
  readonly signal: AbortSignal;
};

/** Keeps a good certificate in service until the signal aborts. */
export function keepCertificates(mode: Mode, options: ModeOptions): Promise<void> {
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
