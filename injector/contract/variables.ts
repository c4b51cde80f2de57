/** Has the rules for names of variables, and for the values that the kubelet can read from a file. */
import { SHELL_KEEP } from './names.ts';

/** Returns whether a shell, readers of dotenv and docker all take the name: letters, digits and `_`, and no digit first. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/**
 * Lists the variables that a shell sets itself. bash fails on assignments to some, puts another value into others, and
 * evaluates what is assigned to its numbers; dash fails on OPTIND.
 */
const OWNED_BY_SHELLS = new Set(
  `BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_CMDS BASH_COMMAND BASH_LINENO BASH_MONOSECONDS
  BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO
  OPTIND PIPESTATUS PPID RANDOM SECONDS SHELLOPTS SHLVL SRANDOM UID _ ${SHELL_KEEP}`.split(/\s+/),
);

/** Returns whether some shell sets the variable itself, so that no script can give it another value. */
export function isOwnedByShells(name: string): boolean {
  return OWNED_BY_SHELLS.has(name);
}

/** Limits a line, in bytes: Go's bufio.Scanner, with which the kubelet and docker read, takes no line of 64 KiB. */
export const LINE_LIMIT = 64 * 1024 - 1;

/** Returns the line `KEY='value'` for a file from which the kubelet reads one variable. */
export function kubeletLine(name: string, value: string): string {
  return `${name}='${value}'\n`;
}

/** Names a reason for which {@link kubeletLine} does not bring a value to the container as it is. */
export type KubeletProblem = 'nul' | 'empty' | 'single-quote' | 'windows-line-end' | 'long-line';

/**
 * Returns the first reason for which the kubelet could not deliver the value, or undefined if it can. Its grammar
 * (Kubernetes 1.35 to 1.37, pkg/kubelet/util/env) has no escapes, takes what is empty as missing, and makes \n of \r\n.
 */
export function kubeletProblem(name: string, value: string): KubeletProblem | undefined {
  if (value.includes('\0')) return 'nul';
  if (value === '') return 'empty';
  if (value.includes("'")) return 'single-quote';
  if (value.includes('\r\n')) return 'windows-line-end';
  const lines = `${name}='${value}'`.split('\n');
  return lines.some((line) => Buffer.byteLength(line) > LINE_LIMIT) ? 'long-line' : undefined;
}
