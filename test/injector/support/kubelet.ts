/**
 * Reads a file of variables as the kubelet of Kubernetes 1.35 to 1.37 does, written from what it is known to accept: lines,
 * single quotes, nothing escaped; the first match counts; an empty value counts as none.
 */

/** Go's bufio.Scanner takes no longer line. */
const LINE_LIMIT = 65_535;

/** Returns the variable's value in bytes, or undefined if the kubelet finds none. Throws where the kubelet gives up. */
export function readVariable(file: Uint8Array, key: string): Buffer | undefined {
  const lines = scan(Buffer.from(file).toString('latin1'));
  for (let line = lines.next().value; line !== undefined; line = lines.next().value) {
    const text = line.replace(/^[ \t]+/, '');
    if (text === '' || text.startsWith('#')) continue;
    const [, name, rest] = /^([^=]*[^= \t])=(.*)$/s.exec(text) ?? [];
    if (name === undefined || rest === undefined) throw new Error('bad name');
    const value = /^[ \t]/.test(rest) ? '' : readValue(rest, lines);
    if (name === key) return value === '' ? undefined : Buffer.from(value, 'latin1');
  }
  return undefined;
}

/** Lines, one byte a character, without the \r at their ends. */
function* scan(text: string): Generator<string, undefined> {
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (line.length > LINE_LIMIT) throw new Error('token too long');
    yield line.replace(/\r$/, '');
  }
}

function readValue(first: string, lines: Generator<string, undefined>): string {
  if (!first.startsWith("'")) throw new Error('no quote');
  let value = '';
  let rest = first.slice(1);
  for (; !rest.includes("'"); ) {
    value += `${rest}\n`;
    const next = lines.next().value;
    if (next === undefined) throw new Error('unclosed quote');
    rest = next;
  }
  const end = rest.indexOf("'");
  if (!/^[ \t]*(#|$)/.test(rest.slice(end + 1))) throw new Error('text after the quote');
  return value + rest.slice(0, end);
}
