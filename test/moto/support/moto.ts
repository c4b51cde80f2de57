/** Installs and starts moto, an emulator of AWS that is not ours: https://docs.getmoto.org/en/latest/docs/server_mode.html */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { programsOf } from '../../readers/support/python.ts';

const REQUIREMENTS = join(import.meta.dirname, '../requirements.txt');

export type Moto = {
  readonly url: string;
  /** Ends the server, which forgets everything. */
  stop(): Promise<void>;
  /** Starts it again, at the same address. */
  start(): Promise<void>;
};

/** Starts moto, and installs it first where it is missing. Needs python3 and pip. */
export async function startMoto(t: Test): Promise<Moto> {
  const program = join(programsOf('moto', ['--requirement', REQUIREMENTS]), 'moto_server');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let end = async () => {};
  const start = async () => {
    const server = spawn(program, ['--host', '127.0.0.1', '--port', `${port}`], { stdio: 'ignore' });
    const ended = once(server, 'exit');
    end = async () => {
      server.kill();
      await ended;
    };
    await answering(url, ended);
  };
  await start();
  t.teardown(() => end());
  return { url, start, stop: () => end() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
  return address.port;
}

/** Returns when the server answers. Throws if it ends before. */
async function answering(url: string, ended: Promise<unknown>): Promise<void> {
  for (;;) {
    const answer = await Promise.race([fetch(url).catch(() => undefined), ended.then(() => 'ended' as const)]);
    if (answer === 'ended') throw new Error('moto ended before it answered');
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
