/** Reads the first document of a YAML text, but no more and no deeper than a declaration needs. No other file calls the parser. */
import { Composer, type Document, Lexer, LineCounter, type ParsedNode, Parser } from 'yaml';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';
import { quoteLine } from './quote.ts';
import type { Node } from './tree.ts';
import { writeOut } from './write-out.ts';

const OPTIONS = {
  schema: 'failsafe',
  uniqueKeys: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

/** No declaration needs a directive, and the library makes a warning for each. */
const MOST_DIRECTIVES = 10;

/** The deepest declaration has six levels. Thousands would overflow the stack of the library, which is recursive. */
const DEEPEST = 100;

type Read = {
  readonly document: Document.Parsed<ParsedNode>;
  /** True if more documents follow the first. */
  readonly more: boolean;
};

export type Tree = {
  readonly root: Node | null;
  /** True if more documents follow the first. */
  readonly more: boolean;
};

/**
 * Returns the tree of the first document, with its aliases written out. The budget must have counted the text already; the texts
 * that aliases stand for are counted here. `fixLine` returns what to do about a line that is not YAML, as the end of a sentence.
 */
export function parseYaml(text: string, budget: Budget, fixLine = quoteLine): Result<Tree> {
  const lines = new LineCounter();
  const read = readDocument(text, lines, budget);
  if (!read.ok) return read;
  const { document, more } = read.value;
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    const fix = fixLine(lineAt(text, lines, line)) ?? 'correct the YAML';
    return err(`is not YAML: line ${line}: ${echo(error.message)}; ${fix}`);
  }
  const root = writeOut(document.contents, text, budget);
  return root.ok ? ok({ root: root.value, more }) : root;
}

/** Returns a line of the text. The reading ends at a mistake, so that the counter may not know where the next line starts. */
function lineAt(text: string, { lineStarts }: LineCounter, line: number): string {
  const start = lineStarts[line - 1] ?? 0;
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? undefined : end).trimEnd();
}

/** Reads the first document as `parseDocument` of the library does, but within bounds, and only until the first error of syntax. */
function readDocument(text: string, lines: LineCounter, budget: Budget): Result<Read> {
  const { stackTraceLimit } = Error;
  // The library makes an error for each mistake in a document, and their stacks would take most of the time.
  Error.stackTraceLimit = 0;
  try {
    return read(text, lines, budget);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Returns the lexemes of a text. They are counted before any is read: to read one takes about five times as long. */
function split(text: string, budget: Budget): Result<string[]> {
  const lexemes: string[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    const problem = budget.lexemes(1);
    if (problem !== undefined) return err(problem);
    lexemes.push(lexeme);
  }
  return ok(lexemes);
}

function read(text: string, lines: LineCounter, budget: Budget): Result<Read> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer<ParsedNode>(OPTIONS);
  const documents: Document.Parsed<ParsedNode>[] = [];
  let directives = 0;
  let isWrong = false;
  const take = (tokens: ReturnType<Parser['next']>): void => {
    for (const token of tokens) {
      isWrong ||= token.type === 'error';
      if (token.type === 'directive') directives += 1;
      documents.push(...composer.next(token));
    }
  };
  const lexemes = split(text, budget);
  if (!lexemes.ok) return lexemes;
  lines.addNewLine(0);
  for (const lexeme of lexemes.value) {
    take(parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return err('nests too deeply; write it flat');
    if (directives > MOST_DIRECTIVES) return err('holds many YAML directives; remove the lines that start with "%"');
    if (isWrong || documents.length > 0) break;
  }
  if (!isWrong) take(parser.end());
  documents.push(...composer.end(true, text.length));
  const [document, ...others] = documents;
  return document ? ok({ document, more: others.length > 0 }) : err('holds no document; write one');
}
