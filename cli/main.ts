#!/usr/bin/env node
/** The program for people: `aws-secrets-injector`, or `kubectl aws-secrets` under the name of a plugin. */
import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { completionsFor } from './complete.ts';
import { inputsOf, writeText } from './files/inputs.ts';
import { explainNodeVersion } from './node-version.ts';
import { PROGRAM, runProgram } from './program.ts';
import { EXIT, type Shell } from './shell.ts';

/** A command that takes less time says nothing about its progress (milliseconds). It says it no more often, either. */
const PROGRESS_MS = 1000;

function createShell(): Shell {
  let saidAt = Date.now();
  const err = (text: string) => write(2, text);
  return {
    inputs: inputsOf,
    cluster: async (options) => (await import('./cluster/connect.ts')).connect(options),
    provider: async (issuer) => (await import('./aws/iam.ts')).findProvider(issuer, process.env),
    out: (text) => write(1, text),
    write: writeText,
    err,
    progress(text) {
      if (!process.stderr.isTTY || Date.now() - saidAt < PROGRESS_MS) return;
      saidAt = Date.now();
      err(`${text}\n`);
    },
    now: () => new Date(),
    pause: sleep,
    colors: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    environment: process.env,
    isTerminal: process.stdin.isTTY === true,
  };
}

/** Synchronous, as what is still in a stream's buffer at exit is lost. A reader that has gone, such as `head`, ends the program. */
function write(descriptor: 1 | 2, text: string | Uint8Array): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(EXIT.fine);
      if (code !== 'EAGAIN') throw error;
    }
  }
}

const name = basename(process.argv0);
const [args, shell] = [process.argv.slice(2), createShell()];

const tooOld = explainNodeVersion(process.versions.node);

if (tooOld !== undefined) {
  shell.err(`${programName(name)}: ${tooOld}\n`);
  process.exitCode = EXIT.usage;
} else if (name.startsWith('kubectl_complete-')) shell.out(completionsFor(args));
else process.exitCode = await runProgram(args, programName(name), shell);

/** kubectl starts a plugin by the name of its file, in which `_` stands for the `-` that a user types. */
function programName(name: string): string {
  return name.startsWith('kubectl-') ? `kubectl ${name.slice('kubectl-'.length).replaceAll('_', '-')}` : PROGRAM;
}
