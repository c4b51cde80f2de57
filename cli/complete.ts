/**
 * Completes a command line for kubectl, which starts `kubectl_complete-aws_secrets` with the words that follow `kubectl aws-secrets`.
 * https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
 */
import type { Command, Option } from './command.ts';
import { COMMANDS } from './commands.ts';

/** Tell the shell to offer files beside the candidates, or nothing. They are values of ShellCompDirective of the library cobra. */
const FILES = ':0';
const NOTHING_ELSE = ':4';

type Candidate = { readonly word: string; readonly meaning: string };

const HELP: Candidate = { word: '--help', meaning: 'print the help' };

/** Returns the answer for kubectl: a line for each candidate, and what else to offer. The last word is the one to complete. */
export function completionsFor(words: readonly string[]): string {
  const [before, current] = [words.slice(0, -1), words.at(-1) ?? ''];
  const [name] = before;
  if (name === undefined) return answer(commands(), current);
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) return `${NOTHING_ELSE}\n`;
  if (before.includes('--')) return `${FILES}\n`;
  const option = openOption(command, before);
  if (option === undefined || current.startsWith('-')) return answer(optionsOf(command), current);
  if (option.choices)
    return answer(
      option.choices.map((word) => ({ word, meaning: '' })),
      current,
    );
  return /<path/.test(option.flags) ? `${FILES}\n` : `${NOTHING_ELSE}\n`;
}

function commands(): Candidate[] {
  return [...COMMANDS.map(({ name, summary }) => ({ word: name, meaning: summary })), HELP];
}

function optionsOf({ options }: Command): Candidate[] {
  return [...options.map(({ flags, meaning }) => ({ word: /--[a-z-]+/.exec(flags)?.[0] ?? '', meaning })), HELP];
}

/** Returns the option that the next word is a value of: the last one, if it takes a value and has none, or takes any number. */
function openOption({ options }: Command, before: readonly string[]): Option | undefined {
  const at = before.findLastIndex((word) => word.startsWith('-'));
  const option = options.find(({ flags }) => flags.split(/[ ,]+/).includes(before[at] ?? ''));
  const isOpen = option?.flags.includes('...') || at === before.length - 1;
  return isOpen && option?.flags.includes('<') ? option : undefined;
}

function answer(candidates: readonly Candidate[], current: string): string {
  const lines = candidates
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, meaning }) => `${word}\t${meaning}\n`);
  return `${lines.join('')}${NOTHING_ELSE}\n`;
}
