/** The one door to YAML: text in, a tree of nodes out. Nothing else knows the library. */
import { LineCounter } from 'yaml';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';
import { readDocument } from './document.ts';
import type { Node } from './node.ts';
import { writeOut } from './write-out.ts';

export type Tree = {
  readonly root: Node | null;
  /** More documents follow the first. */
  readonly more: boolean;
};

/** Reads the first document. Its aliases are written out, at the cost of `budget`; the text itself is paid for already. */
export function parseYaml(text: string, budget: Budget): Result<Tree> {
  const lines = new LineCounter();
  const read = readDocument(text, lines, budget);
  if (!read.ok) return read;
  const { document, more } = read.value;
  const [error] = document.errors;
  if (error !== undefined)
    return err(`is not YAML: line ${lines.linePos(error.pos[0]).line}: ${echo(error.message)}; correct the YAML`);
  const root = writeOut(document.contents, text, budget);
  return root.ok ? ok({ root: root.value, more }) : root;
}
