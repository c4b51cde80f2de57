/** Reads the list `objects` of an annotation or a class, and refuses what ASCP refuses, in its order and its words. */
import { type Refusal, type RefusalCode, refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Output, Reading, SearchOutput } from '../outputs.ts';
import { climbs, filePathProblem } from '../paths.ts';
import type { Result } from '../result.ts';
import type { Owner } from '../scope.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { checkDescriptor } from './descriptor.ts';
import { type Entry, readEntries } from './descriptor-yaml.ts';
import { duplicates } from './duplicates.ts';
import { type Extensions, readExtensions } from './extensions.ts';
import { toOutputs } from './object-outputs.ts';
import { isSearch, partProblems, readSearch } from './object-search.ts';

type Outputs = { readonly outputs: Output[]; readonly searches: SearchOutput[] };
type Check = ReturnType<typeof duplicates>;

/**
 * Reads the text of the list. The first refusal is the one of ASCP, which stops there: it reads the whole list before it checks
 * the entries one after the other. The refusals of the other entries follow.
 */
export function parseObjects(text: string, owner: Owner, budget: Budget): Reading {
  const entries = readEntries(text, budget);
  if (!entries.ok) return { outputs: [], refusals: [invalid(owner, entries.problem)] };
  if (entries.value.length === 0) {
    const problem = owner.strict
      ? 'is an empty list; list at least one object, or remove the annotation'
      : 'missing object versions: its parameter objects lists nothing; list at least one object';
    return { outputs: [], refusals: [refuse(owner, 'ASI_ADMIT_EMPTY', problem)] };
  }
  const all: Outputs = { outputs: [], searches: [] };
  const duplicate = duplicates();
  const refusals = entries.value.flatMap((entry) => (entry.ok ? [] : [invalid(owner, entry.problem)]));
  for (const [index, entry] of entries.value.entries()) {
    if (refusals.length > MOST_REFUSALS) break;
    if (entry.ok) refusals.push(...readEntry(entry.value, index, owner, { all, duplicate, budget }));
  }
  if (refusals.length > 0) return { outputs: [], refusals: refusals.slice(0, MOST_REFUSALS + 1) };
  return { ...all, refusals, warnings: all.outputs.flatMap(warnOfRelative) };
}

/** Adds the outputs of an entry. Returns everything that is wrong with it, in ASCP's order; an entry with a mistake has no outputs. */
function readEntry(
  entry: Entry | null,
  index: number,
  owner: Owner,
  { all, duplicate, budget }: { readonly all: Outputs; readonly duplicate: Check; readonly budget: Budget },
): Refusal[] {
  if (entry === null) {
    return [invalid(owner, `Empty descriptor entry in SecretProviderClass; fill or remove entry ${index + 1}`)];
  }
  const { descriptor } = entry;
  const name = descriptor.objectName === '' ? `entry ${index + 1}` : echo(descriptor.objectName);
  const extensions: Result<Extensions> = owner.strict ? readExtensions(entry, budget) : { ok: true, value: PLAIN };
  const wrong = extensions.ok ? [] : [`${name} ${extensions.problem}`];
  if (owner.strict && isSearch(entry)) {
    return addSearch(entry, name, extensions, owner, { all, budget }).map((problem) => invalid(owner, problem));
  }
  if (descriptor.objectName !== '') wrong.unshift(...[duplicate(descriptor)].filter((twice) => twice !== undefined));
  // A misspelt objectName is an unknown key, and not also a missing one.
  else if (wrong.length > 0) return wrong.map((problem) => invalid(owner, problem));
  if (extensions.ok) {
    const { rename, expand } = extensions.value;
    if (rename !== undefined && !expand)
      wrong.push(`${name} has rename without expand: true; add it, or remove rename`);
  }
  const problems = [...checkDescriptor(descriptor, index, owner, budget), ...wrong];
  if (problems.length > 0 || !extensions.ok) return problems.map((problem) => invalid(owner, problem));
  return addOutputs(descriptor, extensions.value, owner, all);
}

/** Adds the search of an entry, or returns everything that is wrong with it. */
function addSearch(
  entry: Entry,
  name: string,
  extensions: Result<Extensions>,
  owner: Owner,
  { all, budget }: { readonly all: Outputs; readonly budget: Budget },
): string[] {
  const search = readSearch(entry, owner, extensions.ok ? extensions.value : PLAIN, budget);
  const problems = [extensions, search].flatMap((read) => (read.ok ? [] : [`${name} ${read.problem}`]));
  problems.push(...partProblems(entry, name, owner, budget));
  if (search.ok && problems.length === 0) all.searches.push(search.value);
  return problems;
}

/** Adds the outputs of an entry without a mistake. Returns a refusal for each file that can not have its name. */
function addOutputs(descriptor: Entry['descriptor'], extensions: Extensions, owner: Owner, all: Outputs): Refusal[] {
  const outputs = toOutputs(descriptor, owner, extensions);
  const paths = outputs.flatMap((output) => nameProblem(output) ?? []);
  for (const output of outputs) all.outputs.push(output);
  return paths.map((path) => refuse(owner, 'ASI_ADMIT_INVALID_FILE_NAME', path));
}

/** Warns of a parameter with a `/` in its name and none before it: AWS has none, while ASCP's checks accept it. */
function warnOfRelative({ annotation, label, source: { service, name } }: Output): string[] {
  const isRelative = service === 'ssm' && label === name && /^(?!\/|arn:).*\//.test(name);
  return isRelative ? [`${annotation}: the name of a parameter with a "/" starts with one; write /${echo(name)}`] : [];
}

const PLAIN: Extensions = { expand: false, whole: {}, parts: [] };

function invalid(owner: Owner, problem: string): Refusal {
  return refuse(owner, 'ASI_ADMIT_INVALID_OBJECTS', problem);
}

function refuse({ annotation }: Owner, code: RefusalCode, problem: string): Refusal {
  return refusal(code, `${annotation}: ${problem}`);
}

function nameProblem(output: Output): string | undefined {
  if (output.kind !== 'files' && output.kind !== 'folders') return undefined;
  const { label, part } = output;
  if (output.kind === 'folders' && part.path === '') return undefined;
  const problem = filePathProblem(part.path);
  if (problem === undefined) return undefined;
  return climbs(part.path)
    ? `path can not contain ../: ${echo(label)}; choose an objectAlias inside the mount`
    : `${echo(label)} ${problem}`;
}
