/**
 * Runs the injector once, from the container's inputs to its outcome. Whatever happens inside, there is an exit code and a
 * message.
 */
import type { Clock } from './aws/retry.ts';
import type { InjectorConfig } from './contract/config.ts';
import { LOG } from './contract/defaults.ts';
import { ConfigError, decodeConfig } from './contract/encode.ts';
import { RESTART_EXIT_CODE } from './contract/rotation.ts';
import { oneLine } from './contract/text.ts';
import { exitCode, type Failure, InjectorError } from './errors.ts';
import { inject } from './inject.ts';
import { createLog, type Log } from './log.ts';
import { createRedactor, type Redactor } from './redactor.ts';
import { describe, report, unexpected } from './report.ts';
import type { Host } from './rotation/rotate.ts';
import type { Cluster } from './sync/sync.ts';

export type Inputs = {
  /** The encoded configuration, or undefined if the environment has none. */
  readonly configText: string | undefined;
  readonly podName: string;
  /** Has what the kubelet says about the cluster; absent if it says nothing. */
  readonly cluster?: Cluster;
  readonly root: string;
  readonly clock: Clock;
  /** The log calls this with each line. */
  readonly write: (line: string) => void;
  /** The redactor is given every secret, and cleans all that is printed. If it is absent, the run makes its own. */
  readonly redactor?: Redactor;
  /** Does the process's part of a rotation. If it is absent: nothing, as nobody else is there. */
  readonly host?: Host;
};

const NO_CLUSTER: Cluster = { apiServer: { host: '', port: '' }, podUid: '' };

const NO_HOST: Host = { onHangup: () => {}, onWritten: () => {}, rest: () => {} };

export type Outcome = {
  readonly exitCode: 0 | 2 | 10 | 20 | typeof RESTART_EXIT_CODE;
  /** The termination message, which is empty if there is no failure. */
  readonly message: string;
};

const RESTARTING: Outcome = {
  exitCode: RESTART_EXIT_CODE,
  message: 'Secrets changed: all containers of the pod are restarted, as its annotation asks for.',
};

/** Does what the configuration declares: once, or with rotation until the process ends. Never rejects. */
export async function run(inputs: Inputs): Promise<Outcome> {
  const { write, redactor = createRedactor(inputs.configText), cluster = NO_CLUSTER, host = NO_HOST } = inputs;
  const output = { now: () => new Date(), write, redact: redactor.redact };
  let log = createLog(LOG, output);
  let failures: readonly Failure[];
  try {
    const config = decode(inputs.configText);
    log = createLog(config.log, output);
    const context = { ...inputs, log, redactor, cluster, host };
    const ending = config.rotation
      ? await (await import('./rotation/rotate.ts')).rotate(config, config.rotation, context)
      : await inject(config, context);
    if (ending === 'restart') return RESTARTING;
    failures = ending;
  } catch (error) {
    failures = error instanceof InjectorError ? error.failures : [unexpected(error)];
  }
  logFailures(failures, log);
  return outcome(failures, redactor);
}

/** Logs each failure with its code and what it is about. */
export function logFailures(failures: readonly Failure[], log: Log): void {
  for (const failure of failures) log('error', describe(failure), { code: failure.code, subject: failure.subject });
}

/** Returns the exit code and the termination message. The message has nothing that the redactor knows to be secret. */
export function outcome(failures: readonly Failure[], { redact }: Pick<Redactor, 'redact'>): Outcome {
  const safe = failures.map(({ code, subject, headline, cause, fix }) => ({
    code,
    subject: redact(oneLine(subject)),
    headline: redact(oneLine(headline)),
    ...(cause === undefined ? {} : { cause: redact(oneLine(cause)) }),
    ...(fix === undefined ? {} : { fix: redact(oneLine(fix)) }),
  }));
  return { exitCode: exitCode(failures), message: report(safe) };
}

function decode(text: string | undefined): InjectorConfig {
  if (text === undefined || text === '') {
    throw new InjectorError([
      {
        code: 'ASI_CFG_MISSING',
        subject: 'configuration',
        headline: 'The variable AWS_SECRETS_INJECTOR_CONFIG is missing or empty.',
      },
    ]);
  }
  try {
    return decodeConfig(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const headline = 'The configuration can not be read.';
    const cause = `The reason is this: ${oneLine(error.message, 600)}.`;
    throw new InjectorError([{ code: 'ASI_CFG_INVALID', subject: 'configuration', headline, cause }]);
  }
}
