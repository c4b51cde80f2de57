/** Writes texts as YAML values, so that they can be pasted from a message. */

/** Matches texts that YAML would read as something else, or not at all, without quotes. */
const UNSAFE = /^$|^[\s"'{}[\],*&!|>%@`#?-]|: |:$|\s#|\s$|[\n\r]/;

/** A longer text is not shown as a fix: no message has room for it. */
const LONGEST = 512;

/** Returns the text as a YAML value: as it is if that is safe, else in single quotes. */
function quoteYaml(text: string): string {
  return UNSAFE.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

/** Returns the text as a YAML value for a message; undefined if it is too long to be shown, or has invisible characters. */
export function pasteable(text: string): string | undefined {
  const isShown = text.length <= LONGEST && text.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
  return isShown ? quoteYaml(text) : undefined;
}

/** Matches a line with a value that has no quotes: what is before the value, and the value. */
const LINE = /^(\s*(?:- +)?(?:[^\s:'"{[][^:]*: +|- +))([^'"|>\s].*?)\s*$/;

/** Splits a line of YAML before its value. Returns undefined if the line has no value, or one in quotes. */
export function splitLine(line: string): { readonly start: string; readonly value: string } | undefined {
  const [, start, value] = (line.length <= LONGEST && LINE.exec(line)) || [];
  return start === undefined || value === undefined ? undefined : { start: start.trim(), value };
}

/** Returns what to write in place of a line that is not YAML: its value in quotes, if that is missing; else undefined. */
export function quoteLine(line: string): string | undefined {
  const split = splitLine(line);
  const fix = split && UNSAFE.test(split.value) ? pasteable(split.value) : undefined;
  return split && fix && `write ${split.start} ${fix}`;
}
