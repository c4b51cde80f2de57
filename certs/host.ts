/**
 * All that the certificates need from the program that they run in: one Secret, one webhook configuration, a log, and somebody to
 * serve the certificate. The program implements it; nothing in this folder knows a Kubernetes client.
 */

/** Has a certificate and its private key, both as PEM. */
export type Pair = { readonly cert: string; readonly key: string };

/**
 * Is the result of a write. After `conflict`, somebody else has changed the object since it was read, and it has to be read
 * again.
 */
export type Written = 'done' | 'conflict';

/** Has the data of a Secret, decoded from base64. */
export type SecretData = Readonly<Record<string, string>>;

/** A Secret as it was read. */
export type SecretSnapshot = {
  readonly data: SecretData;
  /** Writes these keys, and removes those that are undefined. Every other key, and all metadata, stay. */
  write(changes: Readonly<Record<string, string | undefined>>): Promise<Written>;
};

/** A webhook configuration as it was read. */
export type ConfigurationSnapshot = {
  /** The PEM text of each webhook's caBundle; there is at least one. */
  readonly bundles: readonly string[];
  /** Writes the bundle into every webhook. Nothing else in the configuration changes. */
  publish(bundle: string): Promise<Written>;
};

/**
 * Reads, writes and watches one object of a cluster. Reads and writes throw an Error whose message says in one line what
 * failed.
 */
export type Stored<Snapshot> = {
  /** Reads the object. Returns undefined where it is not there, or, for a configuration, has no webhook. */
  read(): Promise<Snapshot | undefined>;
  /** Calls `onChange` when the object may have changed, until the signal aborts. What changed is for the next read to see. */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>;
};

export type Cluster = {
  secret(namespace: string, name: string): Stored<SecretSnapshot>;
  /** A MutatingWebhookConfiguration. */
  configuration(name: string): Stored<ConfigurationSnapshot>;
  validatingConfiguration(name: string): Stored<ConfigurationSnapshot>;
  /** Returns how many milliseconds to wait after so many failures in a row. */
  backoff(failures: number): number;
};

/** The part of a pino logger that is used here. */
export type Log = Record<'info' | 'warn' | 'error', (object: object, message: string) => void>;

/** Whoever serves the certificate. */
export type CertificateListener = {
  readonly log: Log;
  /** Called with each new certificate to serve. */
  readonly onPair: (pair: Pair & { readonly notBefore: Date; readonly notAfter: Date }) => void;
  /** Called with true when the certificate in service is kept because its successor can't be used, and with false when that is over. */
  readonly onKept?: (kept: boolean) => void;
  /** Called with one sentence when something else stands in the way of a certificate than before; empty when nothing does. */
  readonly onProblem?: (problem: string) => void;
  /** Called after each look with whether the webhook configuration is there. */
  readonly onConfiguration?: (present: boolean) => void;
};
