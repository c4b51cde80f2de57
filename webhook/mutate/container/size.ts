/** The in-memory volumes that the init container fills, and how large each must be: its worst case, twice. */
import {
  type ConfigObject,
  type ConfigTemplate,
  ENVIRONMENT_DIRECTORY,
  type InjectorConfig,
  SEARCH_BYTES,
  SECRETS_DIRECTORY,
  VALUE_BYTES,
} from '../../../injector/config.ts';
import { ENVIRONMENT_VOLUME, SECRETS_VOLUME, volumeDirectory } from '../../pod/names.ts';

const MEBIBYTE = 2 ** 20;

/** Each key of a JSON object a file of at least a page: room for a thousand. */
const FOLDER_BYTES = 4 * MEBIBYTE;

const PAGE = 4096;

/** How many bytes one byte of a value may become: `'` is `'\''` in a shell, a control character `\u0001` in JSON. */
const QUOTING = { shell: 4, dotenv: 2, docker: 1, json: 6 } as const;
const FILTERING = { json: 6, base64: 2, base64decode: 1, urlencode: 3, shell: 4, properties: 6 } as const;

/** A name, `=`, quotes and a line end; far above any real one. */
const NAME_BYTES = 512;

/** The shortest key of a JSON object with its value: `"k":0,`. */
const KEY_BYTES = 6;

/** What the widest format puts around a variable: `  "": "",` and a line end. */
const LINE_BYTES = 10;

/** What the shell delivery puts around one: the test whether the container sets it itself, with its name once more. */
const GUARD_BYTES = 160;

export type FilledVolume = {
  /** The name of the volume. */
  readonly name: string;
  /** Where the init container sees it. */
  readonly directory: string;
  /** Twice the worst case, as the injector runs again after a node's restart and replaces files only when all are written. */
  readonly bytes: number;
};

type Outputs = Pick<InjectorConfig, 'objects' | 'searches' | 'templates' | 'envFile' | 'environment'>;

type Add = (directory: string | undefined, bytes: number) => void;

/** Returns every volume that the injector writes into, with its size. */
export function filledVolumes(config: Outputs): FilledVolume[] {
  const totals = new Map<string, number>();
  const add: Add = (directory = SECRETS_DIRECTORY, bytes) =>
    totals.set(directory, (totals.get(directory) ?? 0) + pages(bytes));
  for (const object of config.objects) addObject(object, add);
  for (const { service, folders = [] } of config.searches ?? []) {
    for (const { directory } of folders) add(directory, SEARCH_BYTES[service]);
  }
  for (const template of config.templates ?? []) add(undefined, templateBytes(template, config.objects));
  if (config.envFile) add(undefined, variableBytes(config, QUOTING[config.envFile.format], LINE_BYTES));
  if (config.environment?.delivery === 'shell')
    add(ENVIRONMENT_DIRECTORY, variableBytes(config, QUOTING.shell, GUARD_BYTES));
  if (config.environment?.sentinel) add(ENVIRONMENT_DIRECTORY, PAGE);
  return [...totals].map(([directory, total]) => ({
    name: volumeAt(directory),
    directory,
    bytes: 2 * Math.max(total, PAGE),
  }));
}

function addObject({ service, files = [], folders = [], environment = [] }: ConfigObject, add: Add): void {
  for (const file of files) add(file.directory, valueBytes(service, file.default));
  for (const { directory } of folders) add(directory, FOLDER_BYTES);
  for (const entry of environment) add(ENVIRONMENT_DIRECTORY, valueBytes(service, entry.default) + NAME_BYTES);
}

function valueBytes(service: ConfigObject['service'], standIn: string | undefined): number {
  return Math.max(VALUE_BYTES[service], Buffer.byteLength(standIn ?? ''));
}

function templateBytes({ parts }: ConfigTemplate, objects: readonly ConfigObject[]): number {
  let total = 0;
  for (const part of parts) {
    if (typeof part === 'string') total += Buffer.byteLength(part);
    else {
      const { service = 'secretsmanager' } = objects[part.object] ?? {};
      const growth = (part.filters ?? []).reduce((product, filter) => product * FILTERING[filter], 1);
      total += valueBytes(service, part.default) * growth + NAME_BYTES;
    }
  }
  return total;
}

/** All variables of the env file, or of the shell; `around` is what the format adds to each. */
function variableBytes({ objects, searches = [] }: Outputs, quoting: number, around: number): number {
  let total = 0;
  for (const { service, variables = [], expansions = [] } of objects) {
    for (const variable of variables) {
      total += valueBytes(service, variable.default) * quoting + NAME_BYTES + 2 * Buffer.byteLength(variable.name);
    }
    const keys = Math.ceil(VALUE_BYTES[service] / KEY_BYTES);
    for (const { prefix } of expansions) {
      total += VALUE_BYTES[service] * quoting + keys * (2 * Buffer.byteLength(prefix) + around);
    }
  }
  for (const search of searches) {
    if (search.service === 'ssm') total += (search.expansions ?? []).length * SEARCH_BYTES.ssm;
  }
  return total;
}

function volumeAt(directory: string): string {
  if (directory === SECRETS_DIRECTORY) return SECRETS_VOLUME;
  return directory === ENVIRONMENT_DIRECTORY ? ENVIRONMENT_VOLUME : directory.slice(volumeDirectory('').length);
}

function pages(count: number): number {
  return Math.ceil(count / PAGE) * PAGE;
}
