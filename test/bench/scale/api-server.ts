/** Starts an API server of Kubernetes of our own: etcd and kube-apiserver, with the rights and the webhook's configuration of install.yaml. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { type Client, connectionPool, createClient, send } from '../../../webhook/kubernetes/client.ts';
import type { Pair } from '../../../webhook/server/tls.ts';
import { until } from '../../e2e/harness/progress.ts';
import { kubeConfigOf } from '../webhook/cluster.ts';
import { end, freePort } from '../webhook/servers.ts';

const NAME = 'aws-secrets-injector';
const PROGRAMS = ['etcd', 'kube-apiserver'] as const;
const SECONDS = 60;
const CONNECTIONS = 64;

/** The tokens of the two users, as `--token-auth-file` takes them: token, name, UID, groups. */
const TOKENS = [
  'admin,admin,1,system:masters',
  `webhook,system:serviceaccount:${NAME}:${NAME},2,"system:serviceaccounts,system:serviceaccounts:${NAME},system:authenticated"`,
];

export type ApiServer = {
  /** Has all rights. */
  readonly client: Client;
  /** The path of a kubeconfig with the rights that the webhook has after its installation. */
  readonly kubeConfig: string;
  /** Returns what the API server answers at /metrics. */
  metrics(): Promise<string>;
  /** Ends both programs, and waits until they have ended. */
  close(): Promise<void>;
};

/**
 * Starts both programs and returns when the API server is ready. `folder` takes all their files; `pair` is a certificate for localhost,
 * and `ca` signed it. Throws if KUBEBUILDER_ASSETS does not name the folder of the programs, or if the API server does not become ready.
 */
export async function startApiServer(folder: string, pair: Pair, ca: string): Promise<ApiServer> {
  const [etcd, server] = [pathOf('etcd'), pathOf('kube-apiserver')];
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const [client, peer] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`];
  const log = join(folder, 'api-server.log');
  const etcdFlags = {
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'unsafe-no-fsync': 'true',
  };
  const serverFlags = {
    ...{ 'etcd-servers': client, 'bind-address': '127.0.0.1', 'secure-port': `${port}` },
    ...{ 'authorization-mode': 'RBAC', 'service-cluster-ip-range': '198.18.128.0/20' },
    ...writeCredentials(folder, pair),
  };
  const running = [start(etcd, etcdFlags, join(folder, 'etcd.log')), start(server, serverFlags, log)];
  const close = async () => void (await Promise.all(running.map(end)));
  const url = `https://localhost:${port}`;
  const admin = new KubeConfig();
  admin.loadFromString(kubeConfigOf(url, ca, { token: 'admin' }));
  try {
    await until(
      'the API server',
      SECONDS,
      () => readText(admin, '/readyz'),
      async () => readFileSync(log, 'utf8').split('\n').slice(-10).join('\n'),
    );
  } catch (error) {
    await close();
    throw error;
  }
  const kubeConfig = join(folder, 'kubeconfig');
  writeFileSync(kubeConfig, kubeConfigOf(url, ca, { token: 'webhook' }));
  return {
    client: createClient(admin, SECONDS * 1000, connectionPool(admin, CONNECTIONS)),
    kubeConfig,
    metrics: () => readText(admin, '/metrics'),
    close,
  };
}

/** Returns the path of a program. Throws if it is not there. */
function pathOf(program: (typeof PROGRAMS)[number]): string {
  const path = join(process.env['KUBEBUILDER_ASSETS'] ?? '', program);
  if (existsSync(path)) return path;
  throw new Error(
    `there is no program ${path}: set KUBEBUILDER_ASSETS to the folder of ${PROGRAMS.join(' and ')}, as \`setup-envtest use -p path\` prints it`,
  );
}

/** Writes the files of keys and tokens. Returns the flags that name them. */
function writeCredentials(folder: string, { cert, key }: Pair): Record<string, string> {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const keyFile = write('api-server.key', key);
  return {
    'tls-cert-file': write('api-server.crt', cert),
    'tls-private-key-file': keyFile,
    'token-auth-file': write('tokens', TOKENS.join('\n')),
    'service-account-issuer': 'https://bench.invalid',
    'service-account-key-file': write('accounts.pub', publicKey),
    'service-account-signing-key-file': keyFile,
  };
}

function start(command: string, flags: Readonly<Record<string, string>>, log: string): ChildProcess {
  const file = openSync(log, 'w');
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return spawn(command, args, { stdio: ['ignore', file, file] });
}

async function readText(kubeConfig: KubeConfig, path: string): Promise<string> {
  const signal = AbortSignal.timeout(SECONDS * 1000);
  return text(await send(kubeConfig, { method: 'GET', path, accept: 'text/plain', signal }));
}
