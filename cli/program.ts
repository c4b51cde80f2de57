/** Builds the parser of the command line from the table of commands. */
import { CommanderError, Command as Parser, Option as ParserOption } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Command, Option } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, type Run, type Shell, UsageError } from './shell.ts';

/** The name of the program, unless kubectl starts it. */
export const PROGRAM = 'aws-secrets-injector';

const DESCRIPTION =
  'Checks and changes manifests of pods that aws-secrets-injector gives AWS secrets to. It decides by the code of the webhook itself.';

/** Runs the command that the arguments name, and returns the exit code. `name` is what the user calls the program. */
export async function runProgram(args: readonly string[], name: string, shell: Shell): Promise<number> {
  let code: number = EXIT.fine;
  const parser = createParser(name, shell, (exitCode) => {
    code = exitCode;
  });
  try {
    await parser.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    shell.err(`${name}: ${error.message}\n`);
    return EXIT.usage;
  }
}

/** Returns the help of a command, as `--help` prints it. */
export function helpOf(command: Command, name: string): string {
  const parser = createParser(name, undefined, () => {});
  const found = parser.commands.find((one) => one.name() === command.name);
  return found?.helpInformation() ?? '';
}

function createParser(name: string, shell: Shell | undefined, done: (code: number) => void): Parser {
  const parser = new Parser(name)
    .description(DESCRIPTION)
    .version(manifest.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this text')
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ helpWidth: 100 });
  if (shell) parser.configureOutput({ writeOut: shell.out, writeErr: shell.err });
  for (const command of COMMANDS) addCommand(parser, command, shell, done);
  return parser;
}

function addCommand(parser: Parser, command: Command, shell: Shell | undefined, done: (code: number) => void): void {
  const own = parser
    .command(command.name)
    .summary(command.summary)
    .description(command.description)
    .helpOption('-h, --help', 'print this text')
    .addHelpText('after', () => footer(command, parser.name()));
  for (const { syntax, meaning } of command.arguments ?? []) own.argument(syntax, meaning);
  for (const option of command.options) own.addOption(toParserOption(option));
  own.action(async (...given: unknown[]) => {
    if (shell === undefined) return;
    const { run } = await command.load();
    const values = given.slice(0, command.arguments?.length ?? 0);
    // The table of commands and the options of each command agree; the tests of each command show it.
    done(await (run as Run<unknown>)({ ...own.opts(), arguments: values.flat() }, shell));
  });
}

function toParserOption({ flags, meaning, fallback, choices, required }: Option): ParserOption {
  const option = new ParserOption(flags, meaning);
  if (fallback !== undefined) option.default(fallback);
  if (choices) option.choices(choices);
  return option.makeOptionMandatory(required === true);
}

function footer({ exitCodes, examples }: Command, name: string): string {
  const codes = exitCodes.map(({ code, meaning }) => `  ${code}  ${meaning}`);
  const lines = examples.map(({ what, command }) => `  # ${what}\n  ${command.replaceAll(PROGRAM, name)}`);
  return `\nExit codes:\n${codes.join('\n')}\n\nExamples:\n${lines.join('\n')}\n`;
}
