/** The first document of a YAML text, read no further and no deeper than any declaration needs. */
import { Composer, type Document, Lexer, type LineCounter, type ParsedNode, Parser } from 'yaml';
import { bad, good, type Parsed } from '../parsed.ts';

const OPTIONS = {
  schema: 'failsafe',
  uniqueKeys: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

/** Far above any list that fits the configuration: an object of ours has some forty. What is wrong takes 10 µs for each. */
const MOST_LEXEMES = 50_000;

/** The deepest list that anybody reads has six levels; thousands would take all of the library's stack. */
const DEEPEST = 100;

type Read = {
  readonly document: Document.Parsed<ParsedNode>;
  /** More documents follow. */
  readonly more: boolean;
};

/** As `parseDocument` of the library does, within bounds, and no further than the first error. */
export function readDocument(text: string, lines: LineCounter): Parsed<Read> {
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer<ParsedNode>(OPTIONS);
  const documents: Document.Parsed<ParsedNode>[] = [];
  let lexemes = 0;
  let isWrong = false;
  const take = (tokens: ReturnType<Parser['next']>): void => {
    for (const token of tokens) {
      isWrong ||= token.type === 'error';
      documents.push(...composer.next(token));
    }
  };
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    take(parser.next(lexeme));
    lexemes += 1;
    if (parser.stack.length > DEEPEST) return bad('nests too deeply; write it flat');
    if (lexemes > MOST_LEXEMES) return bad('holds more YAML than a pod can be told; declare less, or split the pod');
    if (isWrong || documents.length > 0) break;
  }
  if (!isWrong) take(parser.end());
  documents.push(...composer.end(true, text.length));
  const [document, ...others] = documents;
  return document ? good({ document, more: others.length > 0 }) : bad('holds no document; write one');
}
