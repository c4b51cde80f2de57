/** Has a cluster in memory, for what is decided about certificates without an API server. */
import type { Cluster, ConfigurationSnapshot, Log, SecretSnapshot, Stored } from '../../../certs/host.ts';

export const NAMES = {
  namespace: 'injector',
  secretName: 'injector-tls',
  serviceName: 'hook',
  webhookConfigurationName: 'hook',
};

/** Returns a cluster with an empty Secret and a configuration of two webhooks. Its objects may be taken away and changed. */
export function memoryCluster() {
  const state = {
    secret: {} as Record<string, string> | undefined,
    bundles: ['', ''] as string[] | undefined,
    validating: undefined as string[] | undefined,
    /** True while others change an object between each look and the write after it. */
    isRacing: false,
    /** The error that a read of the ValidatingWebhookConfiguration throws. */
    refusal: undefined as unknown,
    /** Names each object that was read, written or watched, in the order of the calls. */
    calls: [] as string[],
    changed: new Set<() => void>(),
  };
  const write = (what: string, change: () => void) => {
    state.calls.push(`write ${what}`);
    if (state.isRacing) return Promise.resolve('conflict' as const);
    change();
    return Promise.resolve('done' as const);
  };
  const stored = <Snapshot>(what: string, snapshot: () => Snapshot | undefined): Stored<Snapshot> => ({
    read: () => {
      state.calls.push(`read ${what}`);
      return Promise.resolve(snapshot());
    },
    watch: (onChange, signal) => {
      state.calls.push(`watch ${what}`);
      state.changed.add(onChange);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  });
  const configuration = (what: string, member: 'bundles' | 'validating') =>
    stored<ConfigurationSnapshot>(what, () => {
      if (member === 'validating' && state.refusal !== undefined) throw state.refusal;
      const bundles = state[member];
      return (
        bundles && {
          bundles,
          publish: (bundle) =>
            write(what, () => {
              state[member] = bundles.map(() => bundle);
            }),
        }
      );
    });
  const cluster: Cluster = {
    secret: (namespace, name) =>
      stored<SecretSnapshot>(`${namespace}/${name}`, () => {
        const data = state.secret;
        const merge = (changes: Record<string, string | undefined>) => {
          const merged = Object.entries({ ...data, ...changes }).filter(([, value]) => value !== undefined);
          state.secret = Object.fromEntries(merged) as Record<string, string>;
        };
        return data && { data, write: (changes) => write(`${namespace}/${name}`, () => merge(changes)) };
      }),
    configuration: (name) => configuration(`mutating ${name}`, 'bundles'),
    validatingConfiguration: (name) => configuration(`validating ${name}`, 'validating'),
    backoff: () => 1,
  };
  return Object.assign(state, { cluster });
}

/** Returns a log that keeps its lines, each with its level. */
export function memoryLog() {
  const lines: [level: string, object: object, message: string][] = [];
  const write = (level: string) => (object: object, message: string) => void lines.push([level, object, message]);
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  return { log, lines };
}
