/**
 * Reads references: `[secretsmanager:|ssm:]NAME[?version=V|?stage=S|?label=L][#JMESPATH]`, with a full ARN allowed in place
 * of `service:NAME`. The grammar must stay compatible; test/fixtures/references/ has it as a table.
 */

import { SERVICE } from '../../../injector/contract/defaults.ts';
import { quoteKey } from '../../../injector/contract/jmespath/meant.ts';
import { compile as compileJmesPath, type Expression } from '../../../injector/contract/jmespath/parser.ts';
import { SERVICE_NAMES, serviceOfPrefix, serviceRow } from '../../../injector/contract/services.ts';
import type { Source as Whole } from '../../../injector/contract/source.ts';
import { type Budget, startBudget } from '../budget.ts';
import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';
import { pasteable } from '../yaml/quote.ts';
import { isConstant } from './constant.ts';
import { manyObjects, splitFilters, usualMistake } from './meant.ts';

type Source = Pick<Whole, 'service' | 'name' | 'version' | 'label'>;
export type Reference = { readonly source: Source; readonly jmesPath?: string };

type Service = Source['service'];
type Named = { readonly service: Service; readonly name: string };
type Selector = { readonly version?: string; readonly label?: string };

/** AWS allows these characters in names; `!` is in those that AWS services give, such as rds!cluster-…. */
const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;

/**
 * Reads one reference. An ARN must be in `region`, unless that is undefined. A JMESPath is compiled, and counts against the budget.
 * Returns the problem as the end of a sentence with the fix: the whole reference as it was most likely meant, where that is known.
 */
export function parseReference(text: string, region: string | undefined, budget: Budget): Result<Reference> {
  const parsed = parse(text, region, budget);
  const filtered = splitFilters(text);
  if (parsed.ok && filtered === undefined) return parsed;
  const isReference = (fix: string) => fix !== text && parse(fix, region, startBudget()).ok;
  const mistake = usualMistake(text, region, isReference);
  return mistake === undefined ? parsed : err(mistake);
}

function parse(text: string, region: string | undefined, budget: Budget): Result<Reference> {
  const hash = text.indexOf('#');
  const locator = hash < 0 ? text : text.slice(0, hash);
  const jmesPath = hash < 0 ? undefined : text.slice(hash + 1);
  if (locator === '') return err('has no name; write NAME, ssm:NAME or a full ARN');
  if (/\s/.test(locator)) return err('holds white space before any #; names have none, remove it');
  const question = locator.indexOf('?');
  const named = parseNamed(question < 0 ? locator : locator.slice(0, question), region);
  if (!named.ok) return named;
  const selector = question < 0 ? ok<Selector>({}) : parseSelector(locator.slice(question + 1), named.value.service);
  if (!selector.ok) return selector;
  const source = { ...named.value, ...selector.value };
  if (jmesPath === undefined) return ok({ source });
  const problem = partProblem(locator, jmesPath, budget);
  return problem === undefined ? ok({ source, jmesPath }) : err(problem);
}

/**
 * Returns the reference with the type by which a part of a value is taken in annotations of ours: text as it is, and numbers,
 * booleans, lists and objects as JSON. Only ASCP's formats take nothing but text.
 */
export function asText(reference: Reference): Reference & { readonly type?: 'any' } {
  return reference.jmesPath === undefined ? reference : { ...reference, type: 'any' };
}

/** Reads the path of a reference like `ssm:/app1/`, without its last `/`. Returns undefined if the text is a reference to one object. */
export function parsePath(text: string): Result<string> | undefined {
  const colon = text.indexOf(':');
  const service = serviceOfPrefix(text.slice(0, Math.max(colon, 0)));
  if (!text.endsWith('/') || service === undefined || !serviceRow(service).hasPaths || /[?#]/.test(text)) {
    return undefined;
  }
  const path = text.slice(colon + 1);
  if (!path.startsWith('/')) {
    return err(
      `is a path without its first "/"; write ${pasteable(`${text.slice(0, colon)}:/${path}`) ?? 'it like ssm:/app1/'}`,
    );
  }
  const problem = pathProblem(path);
  return problem === undefined ? ok(path.slice(0, -1) || '/') : err(problem);
}

/** Returns why Parameter Store can have no parameters below a path, as the end of a sentence; undefined if it can. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return `is a path without its first "/"; write it like /app1/`;
  if (path.includes('//')) return 'has an empty path element; remove the extra "/"';
  return /^[A-Za-z0-9/_.-]*$/.test(path)
    ? undefined
    : 'has a character that no path of parameters may hold; correct it';
}

function parseNamed(text: string, region: string | undefined): Result<Named> {
  if (text.startsWith('arn:')) return parseArn(text, region);
  const colon = text.indexOf(':');
  const prefix = text.slice(0, Math.max(colon, 0));
  const service = colon < 0 ? SERVICE : serviceOfPrefix(prefix);
  const name = text.slice(colon + 1);
  if (service === undefined)
    return err('does not start with a known service; write secretsmanager:NAME, ssm:NAME or a full ARN');
  if (name.startsWith('arn:')) return err(`has ${prefix}: before a full ARN; remove ${prefix}:`);
  return checkName({ service, name }, name, colon >= 0);
}

function parseArn(text: string, region: string | undefined): Result<Named> {
  const [, partition = '', arnService = '', arnRegion = '', account = '', ...rest] = text.split(':');
  const resource = rest.join(':');
  const service = SERVICE_NAMES.find((name) => name === arnService);
  if (rest.length === 0 || !/^aws[a-z-]*$/.test(partition) || !/^\d{12}$/.test(account)) {
    return err(
      'is not a full ARN; write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME',
    );
  }
  if (service === undefined)
    return err(`is an ARN of another service; only ${SERVICE_NAMES.join(' and ')} hold secrets`);
  const { resource: start } = serviceRow(service);
  if (!resource.startsWith(start)) return err(`is an ARN of something else; after the account write ${start}NAME`);
  if (arnRegion === '') return err('is an ARN without a region; write the region of the secret after the service');
  if (region !== undefined && arnRegion !== region) {
    return err(
      `is an ARN outside region ${region}; use a replica there, or set the annotation region to ${echo(arnRegion)}`,
    );
  }
  return checkName({ service, name: text }, resource.slice(start.length), true);
}

/** Checks a name, or the part of an ARN that is one. `isExplicit` says whether the reference names the service. */
function checkName(named: Named, name: string, isExplicit: boolean): Result<Named> {
  if (name === '') return err('has no name; write NAME, ssm:NAME or a full ARN');
  if (name.includes(':'))
    return err('has a ":" in its name; write a version as ?version=…, a stage as ?stage=…, a key as #key');
  const { hasPaths = false } = serviceRow(named.service);
  const isPath = name.endsWith('/') && (hasPaths || !isExplicit);
  const many = isPath || name.includes('*') ? manyObjects(named.service, name) : undefined;
  if (many !== undefined) return err(many);
  if (hasPaths && named.name === name && /^[^/].*\//.test(name)) {
    return err('has a "/" in its name and none before it; write it with a "/" first, like ssm:/app1/key');
  }
  if (!NAME.test(name)) return err('has a character that no name in AWS may hold; correct the name');
  return ok(named);
}

function parseSelector(text: string, service: Service): Result<Selector> {
  const match = /^(version|stage|label)=([!-%'-~]+)$/.exec(text);
  const [, key, value = ''] = match ?? [];
  const { labelWord, plural, version, label } = serviceRow(service);
  if (key === undefined || /[?=]/.test(value))
    return err(`has something else than one selector after "?"; write ?version=… or ?${labelWord}=…`);
  if (key !== 'version' && key !== labelWord) {
    return err(`has ?${key}=…, which ${plural} lack; write ?${labelWord}=…`);
  }
  const rule = key === 'version' ? version : label;
  if (rule !== undefined && !rule.pattern.test(value)) return err(rule.problem);
  return ok(key === 'version' ? { version: value } : { label: value });
}

/** Returns what is wrong with the JMESPath of a reference, as the end of a sentence with the fix; undefined if nothing is. */
function partProblem(locator: string, jmesPath: string, budget: Budget): string | undefined {
  if (jmesPath.trim() === '')
    return 'has an empty JMESPath after "#"; write #key, or leave "#" out for the whole value';
  const whole = (path: string) => pasteable(`${locator}#${path}`) ?? '#key';
  const checked = checkJmesPath(jmesPath, budget);
  if ('problem' in checked) return `has a JMESPath after "#" that ${checked.problem}`;
  if ('meant' in checked) return `has a JMESPath after "#" that does not compile; write ${whole(checked.meant)}`;
  if (!isConstant(checked.expression)) return undefined;
  const key = keyInLiteral(checked.expression);
  const problem = 'has a JMESPath after "#" that is a literal and never looks at the value';
  return key === undefined ? `${problem}; write the name of a key without quotes` : `${problem}; write ${whole(key)}`;
}

/** Returns the key that a literal text was most likely meant to be, as a JMESPath. */
function keyInLiteral(expression: Expression): string | undefined {
  if (expression.type !== 'Literal' || expression.value.kind !== 'string') return undefined;
  const { text } = expression.value;
  const key = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  return key === '' ? undefined : quoteKey(key);
}

type Checked =
  | { readonly expression: Expression }
  /** An expression that compiles, and that was most likely meant. */
  | { readonly meant: string }
  /** The end of a sentence, with the fix. */
  | { readonly problem: string };

/**
 * Compiles an expression as the injector does, which takes what go-jmespath takes, up to a length. Expressions are counted before
 * they are compiled.
 */
export function checkJmesPath(expression: string, budget: Budget): Checked {
  const counted = budget.expressions(expression.length);
  if (counted !== undefined) return { problem: `is too long; ${counted}` };
  const compiled = compileJmesPath(expression);
  if (compiled.ok) return compiled;
  if (compiled.limit !== undefined) return { problem: `is too long; shorten it: ${compiled.limit}` };
  if (compiled.meant !== undefined && compileJmesPath(compiled.meant).ok) return { meant: compiled.meant };
  return {
    problem: 'does not compile; put a key with other characters than letters, digits and "_" in double quotes',
  };
}
