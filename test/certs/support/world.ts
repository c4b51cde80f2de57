/** A cluster in memory with replicas of the certificate loop in it, and an eye on what they serve meanwhile. */

import { X509Certificate } from 'node:crypto';
import type { Test } from 'tap';
import { POLICY, type Policy } from '../../../certs/authority/lifecycle.ts';
import { manageCertificates } from '../../../certs/authority/loop.ts';
import type { Names } from '../../../certs/authority/state.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import {
  type ApiServer,
  CONFIGURATIONS,
  SECRETS,
  type Stored,
  startApiServer,
  VALIDATING,
} from '../../kubernetes/api-server.ts';

export const NAMES: Names = {
  namespace: 'injector',
  secretName: 'injector-tls',
  serviceName: 'hook',
  webhookConfigurationName: 'hook',
};

/** The path of the Secret in the API. */
export const SECRET_PATH = '/api/v1/namespaces/injector/secrets/injector-tls';

export type Pair = { readonly cert: string; readonly key: string; readonly notBefore: Date; readonly notAfter: Date };

export type Replica = {
  /** Everything that was handed out to be served, the present one last. */
  readonly served: Pair[];
  readonly logs: { level: string; object: object; message: string }[];
  /** The number of times that a good certificate was kept because its successor could not be used. */
  readonly kept: number;
  /** True if one is kept now. */
  readonly keeps: boolean;
  /** The last report on whether the webhook configuration exists. */
  readonly configuration: boolean | undefined;
  readonly stopped: () => boolean;
  stop(): Promise<void>;
};

type StartOptions = { policy?: Policy; serviceName?: string; pollMilliseconds?: number };

export type World = {
  readonly server: ApiServer;
  /** Times at which a served certificate was not covered by every caBundle. */
  readonly uncovered: string[];
  clock: Date;
  start(options?: StartOptions): Replica;
  secret(): Record<string, string>;
  /** Deletes the Secret, and makes it again as the chart does. */
  remakeSecret(): void;
  bundles(): string[];
};

/** A webhook configuration with two webhooks, as the chart makes it: without a caBundle. */
export function webhookConfiguration(caBundle?: string): Stored {
  const clientConfig = {
    service: { name: 'hook', namespace: 'injector' },
    ...(caBundle !== undefined && { caBundle }),
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'hook' },
    webhooks: ['a.hook.dev', 'b.hook.dev'].map((name) => ({ name, sideEffects: 'None', clientConfig })),
  };
}

/** The Secret as the chart makes it. */
export function emptySecret(): Stored {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: NAMES.secretName, namespace: NAMES.namespace, labels: { 'app.kubernetes.io/name': 'hook' } },
    type: 'Opaque',
  };
}

/** An empty cluster where the chart is installed: an empty Secret and a webhook configuration. */
export async function makeWorld(t: Test): Promise<World> {
  const server = await startApiServer(t, [SECRETS, CONFIGURATIONS, VALIDATING]);
  server.put(SECRETS, emptySecret());
  server.put(CONFIGURATIONS, webhookConfiguration());
  const replicas: Replica[] = [];
  const uncovered: string[] = [];
  t.teardown(() => Promise.all(replicas.map((replica) => replica.stop())));
  const world: World = {
    server,
    uncovered,
    clock: new Date(),
    start: (options = {}) => {
      const replica = startReplica(world, options, check);
      replicas.push(replica);
      return replica;
    },
    secret: () => decode(server.get(SECRETS, 'injector-tls')?.data ?? {}),
    remakeSecret: () => {
      server.remove(SECRETS, emptySecret());
      server.put(SECRETS, emptySecret());
    },
    bundles: () => readBundles(server),
  };
  function check(): void {
    for (const replica of replicas) {
      const pair = replica.stopped() ? undefined : replica.served.at(-1);
      if (pair && !world.bundles().every((bundle) => covers(bundle, pair.cert))) {
        uncovered.push(`${server.calls.length}: ${server.calls.at(-1)?.kind} ${server.calls.at(-1)?.path}`);
      }
    }
  }
  server.onChange(check);
  return world;
}

/** Returns whether some certificate of the bundle signed this one. */
export function covers(bundle: string, cert: string): boolean {
  const leaf = new X509Certificate(cert);
  return splitBundle(bundle).some((pem) => leaf.verify(new X509Certificate(pem).publicKey));
}

function startReplica(world: World, options: StartOptions, check: () => void): Replica {
  const stop = new AbortController();
  const served: Pair[] = [];
  const logs: Replica['logs'] = [];
  const write = (level: string) => (object: object, message: string) => void logs.push({ level, object, message });
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const reported: { kept: number; keeps: boolean; configuration: boolean | undefined } = {
    kept: 0,
    keeps: false,
    configuration: undefined,
  };
  const running = manageCertificates({
    ...NAMES,
    serviceName: options.serviceName ?? NAMES.serviceName,
    cluster: certificateCluster(world.server.kubeConfig, log),
    log,
    onPair: (pair) => {
      served.push(pair);
      check();
    },
    onKept: (kept) => {
      reported.keeps = kept;
      if (kept) reported.kept += 1;
    },
    onConfiguration: (present) => {
      reported.configuration = present;
    },
    signal: stop.signal,
    now: () => world.clock,
    policy: options.policy ?? POLICY,
    pollMilliseconds: options.pollMilliseconds ?? 50,
  });
  return {
    served,
    logs,
    get kept() {
      return reported.kept;
    },
    get keeps() {
      return reported.keeps;
    },
    get configuration() {
      return reported.configuration;
    },
    stopped: () => stop.signal.aborted,
    stop: () => {
      stop.abort();
      return running;
    },
  };
}

function readBundles(server: ApiServer): string[] {
  const webhooks = server.get(CONFIGURATIONS, 'hook')?.webhooks ?? [];
  return webhooks.map((one) => Buffer.from(one.clientConfig.caBundle ?? '', 'base64').toString('utf8'));
}

function decode(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}
