/**
 * Reads regular expressions as Go does, and replaces as Go does. RE2 takes a time that is proportional to the length of the text, whatever the
 * pattern is. https://pkg.go.dev/regexp
 */
import { RE2JS, RE2JSException } from 're2js';
import { LONGEST_PATTERN } from './rename.ts';

/** The most steps that a pattern may have: each character of a text takes at most as many. */
const MOST_INSTRUCTIONS = 2000;

/** The most characters of a text after a replacement: the key of a Secret has at most 253, and further steps may shorten it. */
const LONGEST_RESULT = 8192;

export type Pattern = {
  /** The size of the program that the pattern is compiled to. */
  readonly steps: number;
  /** Returns whether the pattern matches somewhere in the text. */
  readonly matches: (text: string) => boolean;
  /** Returns the text with the target in place of every match; undefined if that has more than 8,192 characters. */
  readonly replaceAll: (text: string, target: string) => string | undefined;
};

/** Says why a text is no pattern, as the end of a sentence that begins with the pattern. */
export type PatternProblem = { readonly problem: string };

/** Returns the pattern, or why it can not be used. */
export function readPattern(source: string): Pattern | PatternProblem {
  if (source.length > LONGEST_PATTERN) return { problem: `has more than ${LONGEST_PATTERN} characters` };
  const tooLarge = { problem: 'is too large: its repetitions make more than 2,000 steps of it' };
  if (sizeOf(source) > 10 * MOST_INSTRUCTIONS) return tooLarge;
  try {
    const compiled = RE2JS.compile(source);
    return compiled.programSize() > MOST_INSTRUCTIONS ? tooLarge : patternOf(compiled);
  } catch (error) {
    if (error instanceof RE2JSException) return { problem: `is no pattern of RE2: ${error.message}` };
    throw error;
  }
}

/** Returns a number that the program of the pattern can not exceed by far, before any memory is used for it. */
function sizeOf(source: string): number {
  const counts = (pattern: RegExp) =>
    [...source.matchAll(pattern)].map(([, least = '', most = '']) => Math.max(Number(least), Number(most), 1));
  const groups = counts(/\)\{(\d+)(?:,(\d*))?\}/g).reduce((product, count) => Math.min(product * count, 1000), 1);
  return (
    source.length * groups * Math.max(1, ...counts(/[^)]\{(\d+)(?:,(\d*))?\}/g).map((count) => Math.min(count, 1000)))
  );
}

function patternOf(compiled: RE2JS): Pattern {
  return {
    steps: compiled.programSize(),
    matches: (text) => compiled.matcher(text).find(),
    replaceAll: (text, target) => replaceAll(compiled, text, parseTarget(target)),
  };
}

function replaceAll(compiled: RE2JS, text: string, target: readonly Part[]): string | undefined {
  const matcher = compiled.matcher(text);
  const groupAt = groupsOf(compiled, matcher);
  let replaced = '';
  let last = 0;
  while (replaced.length <= LONGEST_RESULT && matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    replaced += text.slice(last, start);
    // Go passes over an empty match right behind another one.
    if (end > last || start === 0) {
      for (const part of target) replaced += typeof part === 'string' ? part : groupAt(part.group);
    }
    last = end;
  }
  replaced += text.slice(last);
  return replaced.length > LONGEST_RESULT ? undefined : replaced;
}

type Matcher = ReturnType<RE2JS['matcher']>;

/** Returns a function that returns what the group of a name or a number matched: an empty text if there is no such group. */
function groupsOf(compiled: RE2JS, matcher: Matcher): (name: string) => string {
  const names = new Map<string, number>(Object.entries(compiled.namedGroups()));
  return (name) => {
    const index = /^(?:0|[1-9]\d{0,7})$/.test(name) ? Number(name) : names.get(name);
    return index === undefined || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '');
  };
}

type Part = string | { readonly group: string };

/** Reads `$$`, `$name` with the longest name there is, and `${name}`. Any other `$` is itself. https://pkg.go.dev/regexp#Regexp.Expand */
function parseTarget(target: string): Part[] {
  const parts: Part[] = [];
  let last = 0;
  for (const match of target.matchAll(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu)) {
    const [whole, inBraces, bare] = match;
    parts.push(target.slice(last, match.index));
    const group = inBraces ?? bare;
    parts.push(group === undefined ? '$' : { group });
    last = match.index + whole.length;
  }
  return [...parts, target.slice(last)];
}
