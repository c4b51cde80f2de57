/** Reads the list `objects` of an annotation or a class, and refuses what ASCP refuses, in its order and its words. */
import { type Refusal, type RefusalCode, refusal } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import type { Output, Reading, SearchOutput } from '../outputs.ts';
import { climbs, filePathProblem } from '../paths.ts';
import type { Result } from '../result.ts';
import type { Owner } from '../scope.ts';
import { checkDescriptor } from './descriptor.ts';
import { type Entry, readEntries } from './descriptor-yaml.ts';
import { duplicates } from './duplicates.ts';
import { type Extensions, readExtensions } from './extensions.ts';
import { toOutputs } from './object-outputs.ts';
import { isSearch, readSearch } from './object-search.ts';

type Outputs = { readonly outputs: Output[]; readonly searches: SearchOutput[] };
type Check = ReturnType<typeof duplicates>;

/** Reads the text of the list. As in ASCP, the first problem is the only refusal. */
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
  for (const [index, entry] of entries.value.entries()) {
    const refused = readEntry(entry, index, owner, { all, duplicate, budget });
    if (refused !== undefined) return { outputs: [], refusals: [refused] };
  }
  return { ...all, refusals: [] };
}

function readEntry(
  entry: Entry | null,
  index: number,
  owner: Owner,
  { all, duplicate, budget }: { readonly all: Outputs; readonly duplicate: Check; readonly budget: Budget },
): Refusal | undefined {
  if (entry === null) {
    return invalid(owner, `Empty descriptor entry in SecretProviderClass; fill or remove entry ${index + 1}`);
  }
  const { descriptor } = entry;
  const name = descriptor.objectName === '' ? `entry ${index + 1}` : echo(descriptor.objectName);
  const extensions: Result<Extensions> = owner.strict ? readExtensions(entry) : { ok: true, value: PLAIN };
  if (!extensions.ok) return invalid(owner, `${name} ${extensions.problem}`);
  if (owner.strict && isSearch(entry)) {
    const search = readSearch(entry, owner);
    if (!search.ok) return invalid(owner, `${name} ${search.problem}`);
    all.searches.push(search.value);
    return undefined;
  }
  const problem = checkDescriptor(descriptor, index, owner, budget) ?? duplicate(descriptor);
  if (problem !== undefined) return invalid(owner, problem);
  const outputs = toOutputs(descriptor, owner, extensions.value);
  const path = outputs.map(nameProblem).find((found) => found !== undefined);
  if (path !== undefined) return refuse(owner, 'ASI_ADMIT_INVALID_FILE_NAME', path);
  for (const output of outputs) all.outputs.push(output);
  return undefined;
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
