/** The annotation `objects`: ASCP's list, read, checked and refused as ASCP does; the first error wins, as there. */
import { Refusal, type RefusalCode } from '../errors.ts';
import { type Context, checkDescriptor, serviceOf } from './descriptor.ts';
import { type Descriptor, type Entry, readEntries } from './descriptor-yaml.ts';
import { duplicates } from './duplicates.ts';
import { echo } from './echo.ts';
import type { Reading } from './files.ts';
import type { Output } from './outputs.ts';
import { climbs, filePathProblem } from './paths.ts';
import type { Source } from './reference.ts';

/** Reads the annotation's text. */
export function parseObjects(text: string, context: Context): Reading {
  const entries = readEntries(text);
  if (!entries.ok) return refuse('ASI_ADMIT_INVALID_OBJECTS', entries.problem);
  if (entries.value.length === 0) {
    return refuse('ASI_ADMIT_EMPTY', 'is an empty list; list at least one object, or remove the annotation');
  }
  const outputs: Output[] = [];
  const duplicate = duplicates();
  for (const [index, entry] of entries.value.entries()) {
    if (entry === null) {
      const problem = `Empty descriptor entry in SecretProviderClass; fill or remove entry ${index + 1}`;
      return refuse('ASI_ADMIT_INVALID_OBJECTS', problem);
    }
    const refusal = checkKeys(entry, index);
    if (refusal !== undefined) return { outputs: [], refusals: [refusal] };
    const { descriptor } = entry;
    const problem = checkDescriptor(descriptor, index, context) ?? duplicate(descriptor);
    if (problem !== undefined) return refuse('ASI_ADMIT_INVALID_OBJECTS', problem);
    const files = toOutputs(descriptor, context);
    const name = files.map(nameProblem).find((found) => found !== undefined);
    if (name !== undefined) return refuse('ASI_ADMIT_INVALID_FILE_NAME', name);
    outputs.push(...files);
  }
  return { outputs, refusals: [] };
}

function refuse(code: RefusalCode, problem: string): Reading {
  return { outputs: [], refusals: [new Refusal(code, `objects: ${problem}`)] };
}

function checkKeys({ descriptor, foreign }: Entry, index: number): Refusal | undefined {
  if (foreign === undefined) return undefined;
  const name = descriptor.objectName === '' ? `entry ${index + 1}` : echo(descriptor.objectName);
  const code = foreign.kind === 'later' ? 'ASI_ADMIT_NOT_SUPPORTED_YET' : 'ASI_ADMIT_INVALID_OBJECTS';
  return new Refusal(code, `objects: ${name}: ${foreign.problem}`);
}

function toOutputs(descriptor: Descriptor, context: Context): (Output & { kind: 'file' })[] {
  const mode = fileMode(descriptor.filePermission || context.mode);
  const base = {
    annotation: 'objects',
    label: descriptor.objectName,
    source: toSource(descriptor),
    kind: 'file',
  } as const;
  const whole = { ...base, path: context.translate(descriptor.objectAlias || descriptor.objectName), mode };
  const parts = descriptor.jmesPath.map((part) => ({
    ...base,
    label: part.objectAlias,
    path: context.translate(part.objectAlias),
    mode: part.filePermission === '' ? mode : fileMode(part.filePermission),
    jmesPath: part.path,
  }));
  return [whole, ...parts];
}

/** ASCP's files lose the setuid, setgid and sticky bits, whatever is declared. */
function fileMode(permission: string): string {
  return `0${permission.slice(1)}`;
}

function toSource(descriptor: Descriptor): Source {
  const { objectName, objectVersion, objectVersionLabel } = descriptor;
  return {
    service: serviceOf(descriptor),
    name: objectName,
    ...(objectVersion === '' ? {} : { version: objectVersion }),
    ...(objectVersionLabel === '' ? {} : { label: objectVersionLabel }),
  };
}

function nameProblem({ path, label }: Output & { kind: 'file' }): string | undefined {
  const problem = filePathProblem(path);
  if (problem === undefined) return undefined;
  return climbs(path)
    ? `path can not contain ../: ${echo(label)}; choose an objectAlias inside the mount`
    : `${echo(label)} ${problem}`;
}
