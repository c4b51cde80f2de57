/** Recognizes the usual mistakes in a reference, and writes the reference as it was most likely meant. */
import { FILTERS } from '../../../injector/contract/filters.ts';
import { quoteKey } from '../../../injector/contract/jmespath/meant.ts';
import { prefixesOf, SERVICE_NAMES, type ServiceName, serviceRow } from '../../../injector/contract/services.ts';
import { echo } from '../echo.ts';
import { pasteable } from '../yaml/quote.ts';
import { ecsReference } from './ecs.ts';

/** `problem` says what is wrong, and `fix` is a reference that may be right. */
type Guess = { readonly problem: string; readonly fix: string };

/** A longer text gets no guess: no message has room for it. */
const LONGEST = 512;

/** Matches a reference or JMESPath, and the filters of a template after it, which have blanks around each `|` or not. */
const FILTERED = new RegExp(`^(.*?[^\\s|])\\s*((?:(?<!\\|)\\|(?!\\|)\\s*(?:${FILTERS.join('|')})\\s*)+)$`, 's');
/** The words before the colon: of all services, of those whose names are paths, and of those with a selector in the name or not. */
const PREFIXES = prefixesOf().join('|');
const WITH_PATHS = prefixesOf(({ hasPaths }) => hasPaths === true).join('|');
const SELECTABLE = prefixesOf(({ selectorInName }) => selectorInName === true).join('|');
const UNSELECTABLE = prefixesOf(({ selectorInName }) => !selectorInName).join('|');

const BRACES = /^\$?\{\{?\s*([^{}]+?)\s*\}?\}$/;
const LATE_SELECTOR = /^([^#?]+)#([^?]*)\?((?:version|stage|label)=[^?=#\s]+)$/;
const DOUBLED_REGION = /^(arn:[^:]*:[^:]*):([^:]+):\2:(.*)$/s;
const WITHOUT_REGION = new RegExp(`^(arn:aws[a-z-]*:(?:${SERVICE_NAMES.join('|')})):(:\\d{12}:.*)$`, 's');
const RELATIVE = new RegExp(`^(${WITH_PATHS}):(?!/|arn:)([^#?:/]+/[^#?:]*[^/#?:])((?:[#?].*)?)$`, 's');
const SELECTED = new RegExp(`^((?:${SELECTABLE}):[^:#?]+):([^:#?]+)(#.*)?$`, 's');
const CAPITALS = /^([A-Za-z]+):(.+)$/s;
const REGION = new RegExp(`^((?:${PREFIXES}):)?[a-z]{2}(?:-[a-z]+)+-\\d:(.+)$`, 's');
const NO_NAME = new RegExp(`^(?:${PREFIXES}|arn)$`, 'i');
const COLON = new RegExp(`^((?:(?:${UNSELECTABLE}):)?[^:#?]+):([^:#?/]+)$`);

/** The mistakes, in the order in which they are looked for. Each may find a guess that turns out to be no reference. */
const MISTAKES: readonly ((text: string, region: string | undefined) => Guess | undefined)[] = [
  blanks,
  braces,
  lateSelector,
  ecsArn,
  arnWithoutRegion,
  doubledRegion,
  relativeParameter,
  selectedParameter,
  capitals,
  regionBeforeName,
  keyAfterColon,
];

/**
 * Returns what is wrong with a text that is no reference, as the end of a sentence with the reference to write; undefined if it
 * is no usual mistake. `isReference` decides whether a guess may be shown.
 */
export function usualMistake(
  text: string,
  region: string | undefined,
  isReference: (fix: string) => boolean,
): string | undefined {
  if (text.length > LONGEST) return undefined;
  const filtered = splitFilters(text.replace(BRACES, '$1'));
  if (filtered !== undefined && isReference(filtered.reference)) {
    const [here, there] = [
      pasteable(filtered.reference),
      pasteable(`{{ ${spaceFilters(text.replace(BRACES, '$1'))} }}`),
    ];
    return `has the filter ${filtered.filters[0]}, which only templates have; write ${here} here, or ${there} in templates`;
  }
  for (const mistake of MISTAKES) {
    const guess = mistake(text, region);
    const fix = guess && pasteable(guess.fix);
    if (guess && fix && isReference(guess.fix)) return `${guess.problem}; write ${fix}`;
  }
  return undefined;
}

/**
 * Splits the filters of a template from the reference before them, whether blanks are around each `|` or not. Returns undefined
 * if there are none.
 */
export function splitFilters(text: string): { readonly reference: string; readonly filters: string[] } | undefined {
  const [, reference, tail] = (text.length <= LONGEST && FILTERED.exec(text)) || [];
  if (reference === undefined || tail === undefined) return undefined;
  return {
    reference,
    filters: tail
      .split('|')
      .slice(1)
      .map((filter) => filter.trim()),
  };
}

/** Returns the text of a placeholder as it should be written: with one blank on each side of the `|` before a filter. */
export function spaceFilters(expression: string): string {
  const split = splitFilters(expression);
  return split === undefined ? expression : [split.reference, ...split.filters].join(' | ');
}

/**
 * Returns the warning about a reference that starts with `/` and names no service. It is a secret, while most names that start so
 * are those of parameters. Returns nothing for any other.
 */
export function warnOfSlash(annotation: string, reference: string): string[] {
  const [start] = /^\/[^?#\s]*/.exec(reference) ?? [];
  if (start === undefined) return [];
  const name = echo(start);
  return [`${annotation}: ${name} is a secret; write ssm:${name} for a parameter, else secretsmanager:${name}`];
}

/** Returns what to write for a placeholder whose filters lack their blanks, as the end of a sentence; undefined if none does. */
export function filterWithoutBlanks(expression: string): string | undefined {
  const split = splitFilters(expression);
  if (split === undefined) return undefined;
  return `has the filter ${split.filters[0]} without blanks on both sides of its "|"; write {{ ${spaceFilters(expression)} }}`;
}

/** Returns what to write in place of a name with `*`, or of a path, as the end of a sentence; undefined if the name is neither. */
export function manyObjects(service: ServiceName, name: string): string | undefined {
  const star = name.indexOf('*');
  const start = star < 0 ? name : name.slice(0, star);
  if (star < 0 && !name.endsWith('/')) return undefined;
  const { hasPaths, title, prefixes } = serviceRow(service);
  const path = hasPaths ? `is a ${title} path, as it ends in "/"` : 'ends in "/", as paths of parameters do';
  const what = star < 0 ? path : 'has a "*", and a reference names one object';
  if (hasPaths) {
    const folder = `/${start.replace(/^\//, '').replace(/[^/]*$/, '')}`;
    return `${what}; write - path: ${folder} in the annotation objects, or - ${prefixes[0]}:${folder} in env-from`;
  }
  const all = `- prefix: ${start} in the annotation objects`;
  if (star >= 0) return start === '' ? `${what}; name each secret` : `${what}; write ${all}`;
  return `${what}; write ${prefixes[0]}:${name} for the one secret of this name, or ${all}`;
}

function blanks(text: string): Guess | undefined {
  const end = text.search(/#|$/);
  const fix = text.slice(0, end).trim() + text.slice(end);
  return fix === text ? undefined : { problem: 'holds white space beside the name', fix };
}

function braces(text: string): Guess | undefined {
  const [, inner] = BRACES.exec(text) ?? [];
  return inner === undefined ? undefined : { problem: 'is in braces, which only templates have', fix: inner };
}

function lateSelector(text: string): Guess | undefined {
  const [, locator = '', path = '', selector] = LATE_SELECTOR.exec(text) ?? [];
  if (selector === undefined) return undefined;
  const fix = `${locator}?${selector}${path === '' ? '' : `#${path}`}`;
  return { problem: 'has a selector after "#", where it belongs before', fix };
}

function ecsArn(text: string): Guess | undefined {
  const fix = ecsReference(text);
  return fix === undefined ? undefined : { problem: 'is an ARN as ECS takes it, with a key after it', fix };
}

function arnWithoutRegion(text: string, region: string | undefined): Guess | undefined {
  const [, start, rest] = WITHOUT_REGION.exec(text) ?? [];
  if (start === undefined || region === undefined) return undefined;
  return { problem: 'is an ARN without a region', fix: `${start}:${region}${rest}` };
}

function doubledRegion(text: string): Guess | undefined {
  const [, start, region, rest] = DOUBLED_REGION.exec(text) ?? [];
  if (start === undefined) return undefined;
  return { problem: `is an ARN with the region ${region} twice`, fix: `${start}:${region}:${rest}` };
}

function relativeParameter(text: string): Guess | undefined {
  const [, prefix, name, rest = ''] = RELATIVE.exec(text) ?? [];
  if (prefix === undefined) return undefined;
  return { problem: 'has a "/" in its name and none before it, as parameters must', fix: `${prefix}:/${name}${rest}` };
}

/** Recognizes the selector that Parameter Store itself takes: `ssm:/app1/key:3`. */
function selectedParameter(text: string): Guess | undefined {
  const [, start, selector = '', rest = ''] = SELECTED.exec(text) ?? [];
  if (start === undefined) return undefined;
  const word = /^\d+$/.test(selector) ? 'version' : 'label';
  return { problem: 'has a ":" in its name', fix: `${start}?${word}=${selector}${rest}` };
}

function capitals(text: string): Guess | undefined {
  const [, prefix = '', rest = ''] = CAPITALS.exec(text) ?? [];
  const small = prefix.toLowerCase();
  if (small === prefix || (small !== 'arn' && !text.includes(':'))) return undefined;
  return { problem: `starts with ${prefix}: in capitals`, fix: `${small}:${rest}` };
}

function regionBeforeName(text: string): Guess | undefined {
  const [, prefix = '', rest] = REGION.exec(text) ?? [];
  if (rest === undefined) return undefined;
  return { problem: 'has a region before the name, which the annotation region sets', fix: prefix + rest };
}

function keyAfterColon(text: string): Guess | undefined {
  const [, name, key = ''] = COLON.exec(text) ?? [];
  if (name === undefined || NO_NAME.test(name)) return undefined;
  const problem = 'does not start with a known service, secretsmanager: or ssm:, and a key stands after "#"';
  return { problem, fix: `${name}#${quoteKey(key)}` };
}
