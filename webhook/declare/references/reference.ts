/**
 * Reads references: `[secretsmanager:|ssm:]NAME[?version=V|?stage=S|?label=L][#JMESPATH]`, with a full ARN allowed in place
 * of `service:NAME`. The grammar must stay compatible; test/fixtures/references/ has it as a table.
 */

import { compile as compileJmesPath } from '../../../injector/contract/jmespath/parser.ts';
import type { Source as Whole } from '../../../injector/contract/source.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { err, ok, type Result } from '../result.ts';

type Source = Pick<Whole, 'service' | 'name' | 'version' | 'label'>;
export type Reference = { readonly source: Source; readonly jmesPath?: string };

type Service = Source['service'];
type Named = { readonly service: Service; readonly name: string };
type Selector = { readonly version?: string; readonly label?: string };

/** AWS allows these characters in names; `!` is in those that AWS services give, such as rds!cluster-…. */
const NAME = /^[A-Za-z0-9/_+=.@!-]+$/;
const PREFIXES: ReadonlyMap<string, Service> = new Map([
  ['secretsmanager', 'secretsmanager'],
  ['ssm', 'ssm'],
  ['ssmparameter', 'ssm'],
]);
const ARN_RESOURCES: ReadonlyMap<string, { service: Service; start: string }> = new Map([
  ['secretsmanager', { service: 'secretsmanager', start: 'secret:' }],
  ['ssm', { service: 'ssm', start: 'parameter/' }],
]);

/**
 * Reads one reference. An ARN must be in `region`, unless that is undefined. A JMESPath is compiled, and counts against the budget.
 * Returns the problem as the end of a sentence with the fix.
 */
export function parseReference(text: string, region: string | undefined, budget: Budget): Result<Reference> {
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
  const problem = jmesPathProblem(jmesPath, budget);
  if (problem !== undefined) return err(problem);
  return ok({ source, jmesPath });
}

/** Reads the path of a reference like `ssm:/app1/`, without its last `/`. Returns undefined if the text is a reference to one object. */
export function parsePath(text: string): Result<string> | undefined {
  const colon = text.indexOf(':');
  if (!text.endsWith('/') || PREFIXES.get(text.slice(0, Math.max(colon, 0))) !== 'ssm' || /[?#]/.test(text)) {
    return undefined;
  }
  const problem = pathProblem(text.slice(colon + 1));
  return problem === undefined ? ok(text.slice(colon + 1, -1) || '/') : err(problem);
}

/** Returns why Parameter Store can have no parameters below a path, as the end of a sentence; undefined if it can. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'is a path without its first "/"; write it like /app1/';
  if (path.includes('//')) return 'has an empty path element; remove the extra "/"';
  return /^[A-Za-z0-9/_.-]*$/.test(path)
    ? undefined
    : 'has a character that no path of parameters may hold; correct it';
}

function parseNamed(text: string, region: string | undefined): Result<Named> {
  if (text.startsWith('arn:')) return parseArn(text, region);
  const colon = text.indexOf(':');
  const prefix = text.slice(0, Math.max(colon, 0));
  const service = colon < 0 ? 'secretsmanager' : PREFIXES.get(prefix);
  const name = text.slice(colon + 1);
  if (service === undefined)
    return err('does not start with a known service; write secretsmanager:NAME, ssm:NAME or a full ARN');
  if (name.startsWith('arn:')) return err(`has ${prefix}: before a full ARN; remove ${prefix}:`);
  return checkName({ service, name }, name);
}

function parseArn(text: string, region: string | undefined): Result<Named> {
  const [, partition = '', arnService = '', arnRegion = '', account = '', ...rest] = text.split(':');
  const resource = rest.join(':');
  const known = ARN_RESOURCES.get(arnService);
  if (rest.length === 0 || !/^aws[a-z-]*$/.test(partition) || !/^\d{12}$/.test(account)) {
    return err(
      'is not a full ARN; write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME',
    );
  }
  if (known === undefined) return err('is an ARN of another service; only secretsmanager and ssm hold secrets');
  if (!resource.startsWith(known.start))
    return err(`is an ARN of something else; after the account write ${known.start}NAME`);
  if (arnRegion === '' || (region !== undefined && arnRegion !== region)) {
    return err(
      `is an ARN outside region ${region ?? '(it names none)'}; use a replica there, or set the annotation region`,
    );
  }
  return checkName({ service: known.service, name: text }, resource.slice(known.start.length));
}

function checkName(named: Named, name: string): Result<Named> {
  if (name === '') return err('has no name; write NAME, ssm:NAME or a full ARN');
  if (name.includes(':'))
    return err('has a ":" in its name; write a version as ?version=…, a stage as ?stage=…, a key as #key');
  if (!NAME.test(name)) return err('has a character that no name in AWS may hold; correct the name');
  if (named.service === 'ssm' && name.endsWith('/')) {
    return err(
      'is a Parameter Store path, as it ends in "/"; name one parameter, or all below it as "- path:" in objects or as "- ssm:/…/" in env-from',
    );
  }
  return ok(named);
}

function parseSelector(text: string, service: Service): Result<Selector> {
  const match = /^(version|stage|label)=([!-%'-~]+)$/.exec(text);
  const [, key, value = ''] = match ?? [];
  const kinds = service === 'ssm' ? '?version=… or ?label=…' : '?version=… or ?stage=…';
  if (key === undefined || /[?=]/.test(value))
    return err(`has something else than one selector after "?"; write ${kinds}`);
  if (key === (service === 'ssm' ? 'stage' : 'label')) {
    return err(
      service === 'ssm'
        ? 'has ?stage=…, which parameters lack; write ?label=…'
        : 'has ?label=…, which secrets lack; write ?stage=…',
    );
  }
  if (service === 'ssm' && key === 'version' && !/^[1-9]\d*$/.test(value)) {
    return err('has a version that is not a number; parameters have versions like ?version=3, and labels as ?label=…');
  }
  if (service === 'ssm' && key === 'label' && !/^[A-Za-z_.-][A-Za-z0-9_.-]*$/.test(value)) {
    return err(
      'has a label that Parameter Store does not allow; labels hold letters, digits, ".", "-", "_" and do not start with a digit',
    );
  }
  return ok(key === 'version' ? { version: value } : { label: value });
}

/** Returns what is wrong with the JMESPath of a reference, as the end of a sentence with the fix; undefined if nothing is. */
export function jmesPathProblem(expression: string, budget: Budget): string | undefined {
  if (expression.trim() === '')
    return 'has an empty JMESPath after "#"; write #key, or leave "#" out for the whole value';
  const fix = jmesPathFix(expression, budget);
  return fix === undefined ? undefined : `has a JMESPath after "#" that does not compile; ${fix}`;
}

/**
 * Returns what to write in place of an expression that go-jmespath does not compile, or that is too long for the injector;
 * undefined if the injector takes it. The injector's own compiler decides. Expressions are counted before they are compiled.
 */
export function jmesPathFix(expression: string, budget: Budget): string | undefined {
  const problem = budget.expressions(expression.length);
  if (problem !== undefined) return problem;
  const compiled = compileJmesPath(expression);
  if (compiled.ok) return undefined;
  if (compiled.limit !== undefined) return `shorten it: ${compiled.limit}`;
  if (compiled.meant !== undefined) return `did you mean '${echo(compiled.meant)}'?`;
  return 'put a key with other characters than letters, digits and "_" in double quotes';
}
