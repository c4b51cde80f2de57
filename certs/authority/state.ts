/** Reads the two objects of a cluster that self-managed certificates live in. */
import type { Cluster, ConfigurationSnapshot, SecretSnapshot } from '../host.ts';
import { serviceNames } from './issue.ts';
import type { State } from './lifecycle.ts';
import { readStored } from './stored.ts';

/** The names of the objects, and of the Service that the certificate is for. */
export type Names = {
  readonly namespace: string;
  readonly secretName: string;
  readonly serviceName: string;
  readonly webhookConfigurationName: string;
};

/** The state of the life cycle as it was read, with the snapshots that a step writes through. */
export type Observed = State & {
  readonly secret: SecretSnapshot | undefined;
  readonly configuration: ConfigurationSnapshot | undefined;
  /** The data keys of the Secret that can't be used. */
  readonly broken: readonly string[];
};

/**
 * Reads the configuration before the Secret. So whoever can still write this version of the configuration has read a Secret that
 * is no older than what the caBundles hold: a replica that is late can't take a newer CA out of them.
 */
export async function observe(cluster: Cluster, names: Names): Promise<Observed> {
  const configuration = await cluster.configuration(names.webhookConfigurationName).read();
  const secret = await cluster.secret(names.namespace, names.secretName).read();
  const read = secret && readStored(secret.data);
  return {
    secret,
    configuration,
    stored: read?.stored,
    broken: read?.broken ?? [],
    bundles: configuration?.bundles,
    names: serviceNames(names.serviceName, names.namespace),
  };
}
