/** Reads searches, which are entries of `objects` and of `env-from`: below a `path`, or by `prefix`, and by `tags` and `regexp`. */

import { filesAbove } from '../../../injector/contract/paths.ts';
import { SERVICES } from '../../../injector/contract/services.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { SearchFolder, SearchOutput, SearchSource } from '../outputs.ts';
import { filePathProblem } from '../paths.ts';
import { pathProblem } from '../references/reference.ts';
import { readPatternOf } from '../rename.ts';
import { err, ok, type Result } from '../result.ts';
import type { Owner } from '../scope.ts';
import { type Fields, readFields } from '../yaml/mapping.ts';
import { readText } from '../yaml/text-map.ts';
import { isMapping, type Node } from '../yaml/tree.ts';
import { checkJmesPaths } from './descriptor.ts';
import { type Entry, SEARCH_KEYS } from './descriptor-yaml.ts';
import type { Extensions } from './extensions.ts';
import { fileMode, toParts } from './object-outputs.ts';

const KEYS: ReadonlySet<string> = new Set([
  ...SEARCH_KEYS,
  ...['objectAlias', 'objectType', 'filePermission', 'optional', 'expand', 'rename', 'jmesPath'],
]);
/** The keys that an entry of jmesPath has for itself. */
const PART_KEYS: ReadonlySet<string> = new Set(['default', 'type']);
const OTHER_ALIAS = 'give one of them another objectAlias';
/** ListSecrets takes no longer value of a filter. */
const LONGEST_TAG = 256;

type Tags = Readonly<Record<string, string>>;

/** Returns whether the entry has a key of a search. */
export function isSearch({ fields }: Entry): boolean {
  return SEARCH_KEYS.some((key) => fields.has(key));
}

/** Reads an entry with a search. A problem is the end of a sentence that starts with the entry's name. */
export function readSearch(entry: Entry, owner: Owner, extensions: Extensions, budget: Budget): Result<SearchOutput> {
  const problem = keyProblem(entry);
  if (problem !== undefined) return err(problem);
  const search = readSource(entry.fields, budget);
  if (!search.ok) return search;
  const type = SERVICES[search.value.service].objectType;
  const { objectAlias, objectType } = entry.descriptor;
  if (objectType !== '' && objectType !== type) return err(`has another objectType than ${type}; remove it`);
  const part = readFolder(entry, owner, extensions);
  if (!part.ok) return part;
  const { region, failoverRegion, annotation } = owner;
  return ok({
    annotation,
    label: objectAlias || labelOf(search.value),
    kind: 'folders',
    search: { ...search.value, ...(region && { region }), ...(failoverRegion && { failoverRegion }) },
    part: part.value,
  });
}

function keyProblem({ fields }: Entry): string | undefined {
  if (fields.has('objectName')) return 'has objectName beside path, prefix or tags; write one of them';
  if (fields.has('rename') && (fields.has('jmesPath') || fields.has('expand'))) {
    return 'has rename beside jmesPath or expand; remove one of them';
  }
  const foreign = [...fields.keys()].find((key) => !KEYS.has(key));
  if (foreign === undefined) return undefined;
  return fields.has('jmesPath') && PART_KEYS.has(foreign)
    ? `has ${foreign} beside path, prefix or tags; write it in the entries of jmesPath that need it`
    : `has ${foreign}, which is for one object; remove it beside path, prefix or tags`;
}

/**
 * Returns the problems of the entries of `jmesPath` beside a search, as whole sentences. `name` stands for the entry. JMESPaths
 * count against the budget.
 */
export function partProblems({ descriptor }: Entry, name: string, { translation }: Owner, budget: Budget): string[] {
  const files = descriptor.jmesPath
    .filter(({ objectAlias }) => objectAlias !== '')
    .map(({ objectAlias }) => ({ directory: '', path: translation.toPath(objectAlias) }));
  const paths = new Set<string>();
  const twice = files.find(({ path }) => paths.size === paths.add(path).size);
  const [above] = filesAbove(files).values();
  return [
    ...checkJmesPaths(descriptor.jmesPath, name, budget),
    ...files.flatMap(({ path }) => {
      const problem = filePathProblem(path);
      return problem === undefined ? [] : [`${name} has an objectAlias in jmesPath that ${problem}`];
    }),
    ...(twice ? [`${name} has two entries of jmesPath for the file ${echo(twice.path)}; ${OTHER_ALIAS}`] : []),
    ...(above
      ? [`${name} has entries of jmesPath for the file ${echo(above.path)} and for files below it; ${OTHER_ALIAS}`]
      : []),
  ];
}

function readFolder({ descriptor }: Entry, owner: Owner, extensions: Extensions): Result<SearchFolder> {
  const { objectAlias, filePermission } = descriptor;
  if (filePermission !== '' && !/^[0-7]{4}$/.test(filePermission)) {
    return err(
      `has an Invalid File Permission: ${echo(filePermission)}; write four octal digits in quotes, like "0644"`,
    );
  }
  const path = owner.translation.toPath(objectAlias);
  const problem = path === '' ? undefined : filePathProblem(path);
  if (problem !== undefined) return err(`has an objectAlias that ${problem}`);
  const parts = toParts(descriptor, owner, extensions);
  return ok({
    path,
    mode: fileMode(filePermission || owner.mode),
    slash: owner.translation.slash,
    ...(extensions.whole.optional && { optional: true as const }),
    ...(extensions.rename && { rename: extensions.rename }),
    ...(extensions.expand && { expand: true as const }),
    ...(parts.length > 0 && { parts }),
  });
}

/** Returns the search that the keys `path`, or `prefix` and `tags`, and `regexp` describe. A problem is the end of a sentence. */
export function readSource(fields: Fields, budget: Budget): Result<SearchSource> {
  if (fields.has('path') && fields.has('prefix')) return err('has path beside prefix; write two entries');
  const search = fields.has('path') ? readPath(fields) : readSecrets(fields);
  if (!search.ok || !fields.has('regexp')) return search;
  const regexp = readPatternOf(fields, 'regexp', budget);
  return regexp.ok ? ok({ ...search.value, regexp: regexp.value }) : regexp;
}

/** Returns a short name of a search. */
export function labelOf(search: SearchSource): string {
  return 'path' in search ? search.path : (search.prefix ?? 'tags');
}

/**
 * The most characters of the key of a parameter's tag: a filter has 132, with `tag:` before it, and a value with one character at least.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
const LONGEST_FILTER = 128;

function readPath(fields: Fields): Result<SearchSource> {
  const text = readText(fields.get('path') ?? null, { thing: 'path', example: 'path: /app1/' });
  if (!text.ok) return text;
  const problem = pathProblem(text.value);
  if (problem !== undefined) return err(`has a path that ${problem}`);
  const tags = fields.has('tags') ? readTags(fields.get('tags') ?? null) : ok(undefined);
  if (!tags.ok) return tags;
  const odd = Object.entries(tags.value ?? {}).find(([key, value]) => value === '' || key.length > LONGEST_FILTER);
  if (odd !== undefined) {
    return err(
      `has the tag "${echo(odd[0])}", by which no parameter can be found: its key is too long, or its value empty`,
    );
  }
  const path = text.value.replace(/\/$/, '') || '/';
  return ok({ service: 'ssm', path, ...(tags.value !== undefined && { tags: tags.value }) });
}

function readSecrets(fields: Fields): Result<SearchSource> {
  const prefix = fields.has('prefix') ? readPrefix(fields.get('prefix') ?? null) : ok(undefined);
  if (!prefix.ok) return prefix;
  const tags = fields.has('tags') ? readTags(fields.get('tags') ?? null) : ok(undefined);
  if (!tags.ok) return tags;
  return ok({
    service: 'secretsmanager',
    ...(prefix.value !== undefined && { prefix: prefix.value }),
    ...(tags.value !== undefined && { tags: tags.value }),
  });
}

function readPrefix(node: Node | null): Result<string> {
  const text = readText(node, { thing: 'prefix', example: 'prefix: app1/' });
  if (!text.ok || /^[A-Za-z0-9/_+=.@!-]+$/.test(text.value)) return text;
  return err('has a prefix with a character that no name of a secret may hold; correct it');
}

function readTags(node: Node | null): Result<Tags> {
  const fields = isMapping(node) ? readFields(node) : err('is not a mapping');
  if (!fields.ok || fields.value.size === 0)
    return err('has tags that are not a mapping; write them like tags: {team: shop}');
  const tags: [string, string][] = [];
  for (const [key, value] of fields.value) {
    // A JavaScript object would lose the key `__proto__`, and the search would find more than was asked for.
    if (key === '' || key === '__proto__' || key.length > LONGEST_TAG) {
      return err(`has the tag key "${echo(key)}", which can not be searched for; remove it`);
    }
    const text = readText(value, { thing: 'value', example: 'team: shop' });
    if (!text.ok) return err(`has a problem with the tag ${echo(key)}: it ${text.problem}`);
    if (text.value.length > LONGEST_TAG) return err(`has a value of the tag ${echo(key)} that is too long; shorten it`);
    tags.push([key, text.value]);
  }
  return ok(Object.fromEntries(tags));
}
