/**
 * Is the program of the init container. No other file reads the environment or ends the process. The other files are imported
 * only when the variables are gone that could steer the SDK or the runtime: in a pod they belong to the app or to other
 * webhooks.
 */
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { LOG } from './contract/defaults.ts';
import { CONFIG_ENV, POD_NAME_ENV, POD_UID_ENV, SENTINEL, SENTINEL_OPTION } from './contract/names.ts';
import { REFRESH_COMMAND, RESTART_EXIT_CODE, WAIT_COMMAND } from './contract/rotation.ts';
import type { Failure } from './errors.ts';
import type { Log } from './log.ts';
import type { Outcome } from './run.ts';

const HELP = `aws-secrets-injector [${WAIT_COMMAND}|${REFRESH_COMMAND}] [--root DIR] [--${SENTINEL_OPTION}] [--help] [--version]

Fetches what the variable ${CONFIG_ENV} declares from AWS and writes it. The webhook writes that variable.
With rotation it then stays and watches for changes; SIGHUP has it look at once.

  ${WAIT_COMMAND}         only wait until the program that watches beside this one has written all files
  ${REFRESH_COMMAND}      only have the program that watches beside this one look for changes now, and print them
  --root DIR   DIR is the root of every path in the configuration and of /dev/termination-log
  --${SENTINEL_OPTION}   only tell by ${SENTINEL.key} whether the kubelet delivers variables from files
  --help       this text
  --version    the version

Exit codes: 0 done, 2 the configuration is wrong, 10 permanent failure, 20 transient failure, retries used up;
${RESTART_EXIT_CODE} all containers of the pod are to be restarted, as secrets changed.
`;

const TERMINATION_LOG = '/dev/termination-log';

/** The variables that are read: our own, and the address of the API server, which the kubelet sets in every container. */
const OWN = /^(AWS_SECRETS_INJECTOR_|KUBERNETES_SERVICE_(HOST|PORT)$)/;

/**
 * Takes our variables out of the environment and empties it: in a pod the others belong to the app or to other webhooks, and
 * they could steer the SDK or the runtime. injector/contract/runtime-variables.ts lists those that act before this function.
 */
function takeEnvironment(): Map<string, string> {
  const own = new Map<string, string>();
  for (const [name, value] of Object.entries(process.env)) {
    if (OWN.test(name) && value !== undefined) own.set(name, value);
    delete process.env[name];
  }
  Object.assign(process.env, {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  return own;
}

/** Writes the text at once, because text that is still in the buffer of a stream when the process ends is lost. */
function print(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

/** Redirects what the runtime and the libraries print, so that it becomes lines of our own log, without what is secret. */
function takeOutput(log: Log): void {
  const at =
    (level: Parameters<Log>[0]) =>
    (...words: unknown[]) => {
      const { format } = process.getBuiltinModule('node:util');
      log(level, format(...words).replace(/\s+/g, ' '));
      return true;
    };
  const [debug, info, warn, error] = [at('debug'), at('info'), at('warn'), at('error')];
  Object.assign(globalThis.console, { debug, error, info, log: info, trace: debug, warn });
  // The streams themselves take a millisecond to make, and nobody needs more of them.
  for (const name of ['stdout', 'stderr']) Object.defineProperty(process, name, { value: { write: info } });
}

function finish(root: string, { exitCode, message }: Outcome): never {
  if (message !== '') {
    try {
      const file = join(root, TERMINATION_LOG);
      if (root !== '/') mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, message);
    } catch {
      // The log has every failure too.
    }
  }
  process.exit(exitCode);
}

type Command = typeof WAIT_COMMAND | typeof REFRESH_COMMAND;

type Options = { root: string; sentinel: boolean; help: boolean; version: boolean; command: Command | undefined };

/** Returns what the command line asks for, or undefined if it is wrong. In a pod it is empty, and no parser is loaded. */
function readArguments(): Options | undefined {
  const given = process.argv.slice(2);
  if (given.length === 0) return { root: '/', sentinel: false, help: false, version: false, command: undefined };
  const { parseArgs } = process.getBuiltinModule('node:util');
  const flag = { type: 'boolean', default: false } as const;
  try {
    const root = { type: 'string', default: '/' } as const;
    const options = { root, [SENTINEL_OPTION]: flag, help: flag, version: flag } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [command, ...others] = positionals;
    const isKnown = command === undefined || command === WAIT_COMMAND || command === REFRESH_COMMAND;
    return isKnown && others.length === 0 ? { ...values, command } : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the second container with a failure if the kubelet did not set the variable from the file that the first one wrote. */
async function checkSentinel(own: ReadonlyMap<string, string>, end: (failures: Failure[]) => never): Promise<never> {
  const { sentinelFailures } = await import('./environment/kubelet.ts');
  return end(sentinelFailures(own.get(SENTINEL.key)));
}

/** Waits for the main process of the same container, or has it look for changes, and ends. */
async function accompany(root: string, command: Command): Promise<never> {
  const { refresh, waitForFiles } = await import('./rotation/command.ts');
  if (command === WAIT_COMMAND) {
    await waitForFiles(root);
    process.exit(0);
  }
  const { text, exitCode } = await refresh(root);
  print(1, text);
  process.exit(exitCode);
}

async function main(): Promise<void> {
  const own = takeEnvironment();
  const options = readArguments();
  if (options?.help || options?.version) {
    print(1, options.help ? HELP : `${manifest.version}\n`);
    return;
  }
  if (options?.command !== undefined) await accompany(options.root, options.command);
  const [{ logFailures, outcome, run }, { unexpected }, { createRedactor }, { createLog }, { CLOCK }] =
    await Promise.all([
      import('./run.ts'),
      import('./report.ts'),
      import('./redactor.ts'),
      import('./log.ts'),
      import('./aws/clock.ts'),
    ]);
  const configText = own.get(CONFIG_ENV);
  const redactor = createRedactor(configText);
  const write = (line: string) => print(2, line);
  const log = createLog(LOG, { now: () => new Date(), write, redact: redactor.redact });
  takeOutput(log);
  const { root } = options ?? { root: '/' };
  const end = (failures: Failure[]) => {
    logFailures(failures, log);
    return finish(root, outcome(failures, redactor));
  };
  if (options === undefined) {
    print(2, HELP);
    end([{ code: 'ASI_CFG_USAGE', subject: 'arguments', headline: 'The command line is wrong.' }]);
    return;
  }
  const stop = () => end([{ code: 'ASI_STOPPED', subject: 'pod', headline: 'The injector was stopped.' }]);
  let isWritten = false;
  const stopNow = () => (isWritten ? process.exit(0) : stop());
  process.on('SIGTERM', stopNow).on('SIGINT', stopNow);
  const crash = (error: unknown) => end([unexpected(error)]);
  process.on('uncaughtException', crash).on('unhandledRejection', crash);
  if (options.sentinel) await checkSentinel(own, end);
  const host = {
    onHangup: (listener: () => void) => void process.on('SIGHUP', listener),
    onWritten: () => {
      isWritten = true;
    },
    // Node, which runs the tests, has no such function.
    rest: () => void (globalThis as { Bun?: { gc(isFull: boolean): void } }).Bun?.gc(true),
  };
  finish(
    root,
    await run({
      configText,
      podName: own.get(POD_NAME_ENV) ?? '',
      cluster: {
        apiServer: { host: own.get('KUBERNETES_SERVICE_HOST') ?? '', port: own.get('KUBERNETES_SERVICE_PORT') ?? '' },
        podUid: own.get(POD_UID_ENV) ?? '',
      },
      root,
      clock: CLOCK,
      write,
      redactor,
      host,
    }),
  );
}

main().catch(() => process.exit(20));
