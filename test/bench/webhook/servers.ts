/** The webhook as its image has it, and its floor: each a process of its own, measured from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SETTINGS_ENV } from '../../../webhook/settings.ts';
import { commandIn } from '../../webhook/support/image.ts';

export type Server = {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** The port of the webhook's health and metrics, or 0 if there is none. */
  readonly healthPort: number;
  /** Milliseconds from the start of the process until it was ready. */
  readonly startup: number;
  hasEnded(): boolean;
  close(): Promise<void>;
};

const ROOT = join(import.meta.dirname, '../../..');
const DOCKERFILE = join(ROOT, 'Dockerfile.webhook');
const FLOOR = join(import.meta.dirname, '../floors/webhook.ts');
const LONGEST_START_MS = 30_000;

/** Starts the bundled webhook with what its image sets, and returns when it is ready. `folder` holds tls.crt and tls.key. */
export async function startWebhook(folder: string, kubeConfig: string): Promise<Server> {
  const [port, healthPort] = [await freePort(), await freePort()];
  const settings = {
    ...{ port, healthPort, injector: { image: 'registry.example/aws-secrets-injector:1' } },
    certificates: { mode: 'provided', directory: folder, caBundle: 'given' },
  };
  const env = {
    ...environmentOf(readFileSync(DOCKERFILE, 'utf8')),
    [SETTINGS_ENV]: JSON.stringify(settings),
    POD_NAMESPACE: 'aws-secrets-injector',
    KUBECONFIG: kubeConfig,
  };
  const isReady = async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok;
  return start({ name: 'webhook', port, healthPort, args: commandHere(), env, isReady });
}

/** Starts a server that answers with the bytes of `patchFile`, and returns when it is ready. */
export async function startFloor(folder: string, patchFile: string): Promise<Server> {
  const port = await freePort();
  const isReady = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
    return true;
  };
  return start({ name: 'floor', port, healthPort: 0, args: [FLOOR, `${port}`, folder, patchFile], env: {}, isReady });
}

type Start = {
  readonly name: string;
  readonly port: number;
  readonly healthPort: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly isReady: () => Promise<boolean>;
};

async function start({ name, port, healthPort, args, env, isReady }: Start): Promise<Server> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const close = () => end(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  while (!(await isReady().catch(() => false))) {
    if (hasEnded() || performance.now() - began > LONGEST_START_MS) {
      await close();
      throw new Error(`the ${name} did not become ready`);
    }
    await sleep(5);
  }
  return { name, pid: child.pid ?? 0, port, healthPort, startup: performance.now() - began, hasEnded, close };
}

/** Returns the command of the image, for the bundle that is here, with the heap that it has in a pod of the chart. */
function commandHere(): string[] {
  return commandIn().map((part) => part.replace(/^\/app\//, `${ROOT}/dist/`));
}

/** Returns the variables that the image sets. */
function environmentOf(dockerfile: string): Record<string, string> {
  const lines = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => line.split(' '));
  return Object.fromEntries(lines.map((line) => line.split('=') as [string, string]));
}

/** Ends a process at once, because the webhook would wait for its clients first. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Returns a port of this machine that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
