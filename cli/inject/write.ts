/** Writes new parts of a YAML text in the style of the text around them. */
import { stringify } from 'yaml';

/** Describes how a YAML text is written. */
export type Style = {
  /** The blanks by which a level is indented. */
  readonly indent: number;
  /** True if the dashes of a list are further right than the key of the list. */
  readonly indentsLists: boolean;
  readonly lineBreak: '\n' | '\r\n';
};

/** Finds out how a text is written. A text that shows nothing of it is taken for one that `kubectl` wrote. */
export function styleOf(text: string): Style {
  const [, , step = '  '] = /^( *)[^\s#-][^\n]*:[ ]*\r?\n\1( +)[^\s#-]/m.exec(text) ?? [];
  const [, key = '', dash = ''] = /^( *)(?:- )?[^\s#-][^\n]*:[ ]*\r?\n( *)- /m.exec(text) ?? [];
  return {
    indent: step.length,
    indentsLists: dash.length > key.length,
    lineBreak: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** Returns the lines of a member of a map at this column. */
export function blockMember(key: string, value: unknown, column: number, style: Style): string {
  return block({ [key]: value }, column, style);
}

/** Returns the lines of an item of a list whose dashes are at this column. */
export function blockItem(value: unknown, column: number, style: Style): string {
  return block([value], column, style);
}

/** Returns the value in one line, between brackets. JSON is YAML. */
export function flowText(value: unknown): string {
  return JSON.stringify(value);
}

function block(value: unknown, column: number, { indent, indentsLists, lineBreak }: Style): string {
  const lines = stringify(value, { indent, indentSeq: indentsLists, lineWidth: 0, aliasDuplicateObjects: false });
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : ' '.repeat(column) + line) + lineBreak)
    .join('');
}
