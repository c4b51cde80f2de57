/**
 * Connects `wait` and `refresh`, which the kubelet starts beside the main process, to it by a Unix socket in the state's volume,
 * which no other container mounts. The question is one line, and so is the answer. If the connection ends without an answer, the
 * main process has ended.
 */
import { chmodSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type REFRESH_COMMAND, STATE_DIRECTORY, type WAIT_COMMAND } from '../contract/rotation.ts';

const SOCKET = 'control.sock';

export type Command = typeof REFRESH_COMMAND | typeof WAIT_COMMAND;

/** Answers each command with one line of text. */
export type Answers = Readonly<Record<Command, () => Promise<string>>>;

/** The longest question, in characters. */
const QUESTION_LIMIT = 64;

/** Returns the socket's path, as short as it can be: Linux takes at most 107 bytes. Throws if the volume is not there. */
function socketIn(root: string): string {
  return join(realpathSync(join(root, STATE_DIRECTORY)), SOCKET);
}

/** Listens until the process ends or the returned function is called. Rejects with what the system says. */
export async function listen(root: string, answers: Answers): Promise<() => void> {
  const path = socketIn(root);
  // A process that was killed leaves its socket behind.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, answers);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  // The watch keeps the process alive, not those who may ask.
  server.unref();
  return () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
}

function serve(socket: Socket, answers: Answers): void {
  let question = '';
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    question += text;
    const [command, rest] = question.split('\n');
    if (rest === undefined && question.length <= QUESTION_LIMIT) return;
    socket.removeAllListeners('data');
    if (command !== 'wait' && command !== 'refresh') {
      socket.destroy();
      return;
    }
    answers[command]().then(
      (answer) => socket.end(`${answer}\n`),
      () => socket.destroy(),
    );
  });
}

/** Returns the main process's answer; undefined if there is no main process, or if it ended before it answered. Never rejects. */
export function ask(root: string, command: Command): Promise<string | undefined> {
  return new Promise((resolve) => {
    let path: string;
    try {
      path = socketIn(root);
    } catch {
      resolve(undefined);
      return;
    }
    let answer = '';
    const socket = connect(path, () => socket.write(`${command}\n`));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer.endsWith('\n') ? answer.trimEnd() : undefined));
  });
}
