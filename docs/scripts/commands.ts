/** The pages of the commands, from the table that `--help` is made from. */
import type { Command } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.ts';
import { helpOf, PROGRAM } from '../../cli/program.ts';
import { code, table } from './markdown.ts';

/** Returns the generated part of each page in docs/commands/, and the list of all commands, by their names. */
export function renderCommands(): Record<string, string> {
  return {
    commands: table(
      ['command', 'what it does'],
      COMMANDS.map(({ name, summary }) => [`[${code(name)}](commands/${name}.md)`, summary]),
    ),
    ...Object.fromEntries(COMMANDS.map((command) => [`help of ${command.name}`, help(command)])),
  };
}

function help(command: Command): string {
  return `\`\`\`text\n${helpOf(command, PROGRAM).trim()}\n\`\`\``;
}
