/** Lists the volumes in memory that the injected container fills, with the size that each needs in the worst case. */
import type { ConfigObject, ConfigSearch, ConfigTemplate, InjectorConfig } from '../../../injector/contract/config.ts';
import { SERVICE } from '../../../injector/contract/defaults.ts';
import { ENV_FILE_GROWTH } from '../../../injector/contract/env-file-formats.ts';
import { FILTER_GROWTH } from '../../../injector/contract/filters.ts';
import { ENVIRONMENT_DIRECTORY, FILES_DIRECTORY, SECRETS_DIRECTORY } from '../../../injector/contract/names.ts';
import { STATE_DIRECTORY } from '../../../injector/contract/rotation.ts';
import { SERVICES } from '../../../injector/contract/services.ts';
import { memoizeByObject } from '../../declare/memoize.ts';
import { VOLUMES, volumeDirectory } from '../../pod/names.ts';

const MEBIBYTE = 2 ** 20;

/**
 * The size of a folder with a file for each key of a JSON object. Each file takes at least a page: there is room for a
 * thousand.
 */
const FOLDER_BYTES = 4 * MEBIBYTE;

/** A file in memory takes whole pages of so many bytes. */
const PAGE = 4096;

/** The bytes of a variable's name, `=`, quotes and line end; far above any real one. */
const NAME_BYTES = 512;

/** The bytes of the shortest key of a JSON object with its value: `"k":0,`. */
const KEY_BYTES = 6;

/** The bytes that the widest format puts around a variable: `  "": "",` and a line end. */
const LINE_BYTES = 10;

/**
 * The bytes that the shell delivery puts around a variable: it tests if the container sets it, and names it once more
 * for that.
 */
const GUARD_BYTES = 160;

export type FilledVolume = {
  /** The name of the volume. */
  readonly name: string;
  /** The path at which the injected container mounts it. */
  readonly directory: string;
  /**
   * Twice the worst case: after a restart of the node the injector runs again, and old files are replaced only when all
   * new ones are written.
   */
  readonly bytes: number;
};

type Outputs = Pick<
  InjectorConfig,
  'objects' | 'searches' | 'templates' | 'templateVariables' | 'envFile' | 'environment' | 'rotation'
>;

type Add = (directory: string | undefined, bytes: number) => void;

/** Returns every volume that the injector writes into, with its size. */
export const filledVolumes = memoizeByObject((config: Outputs): readonly FilledVolume[] => {
  const totals = new Map<string, number>();
  const add: Add = (directory = SECRETS_DIRECTORY, bytes) =>
    totals.set(directory, (totals.get(directory) ?? 0) + pages(bytes));
  for (const object of config.objects) addObject(object, add);
  for (const search of config.searches ?? []) addSearch(search, add);
  for (const template of config.templates ?? []) add(template.directory, templateBytes(template, config.objects));
  for (const variable of config.templateVariables ?? []) {
    if (variable.kubelet) add(ENVIRONMENT_DIRECTORY, templateBytes(variable, config.objects) + NAME_BYTES);
  }
  if (config.envFile) add(undefined, variableBytes(config, ENV_FILE_GROWTH[config.envFile.format], LINE_BYTES));
  if (config.environment?.delivery === 'shell') addShellFiles(config, add);
  if (config.environment?.sentinel) add(ENVIRONMENT_DIRECTORY, PAGE);
  // The sidecar knows the containers that it may signal by a mount of files, even if there are none.
  if (signalsContainers(config) && ![...totals.keys()].some(isOfFiles)) add(undefined, PAGE);
  if (config.rotation) add(STATE_DIRECTORY, PAGE);
  return [...totals].map(([directory, total]) => ({
    name: volumeAt(directory),
    directory,
    bytes: 2 * Math.max(total, PAGE),
  }));
});

/** Returns the bytes of all filled volumes together. */
export function sizeOf(filled: readonly FilledVolume[]): number {
  return filled.reduce((total, { bytes }) => total + bytes, 0);
}

function addObject({ service, files = [], folders = [], environment = [] }: ConfigObject, add: Add): void {
  for (const file of files) add(file.directory, valueBytes(service, file.default));
  for (const { directory } of folders) add(directory, FOLDER_BYTES);
  for (const entry of environment) add(ENVIRONMENT_DIRECTORY, valueBytes(service, entry.default) + NAME_BYTES);
}

/** Each part of the values, and the keys of all of them, may have as many bytes as the values themselves. */
function addSearch({ service, folders = [] }: ConfigSearch, add: Add): void {
  for (const { directory, expand, parts = [] } of folders) {
    const copies = parts.length + (expand ? 1 : 0);
    add(directory, SERVICES[service].searchBytes * Math.max(copies, 1));
  }
}

function valueBytes(service: ConfigObject['service'], standIn: string | undefined): number {
  return Math.max(SERVICES[service].valueBytes, Buffer.byteLength(standIn ?? ''));
}

function templateBytes({ parts }: Pick<ConfigTemplate, 'parts'>, objects: readonly ConfigObject[]): number {
  let total = 0;
  for (const part of parts) {
    if (typeof part === 'string') total += Buffer.byteLength(part);
    else {
      const { service = SERVICE } = objects[part.object] ?? {};
      const growth = (part.filters ?? []).reduce((product, filter) => product * FILTER_GROWTH[filter], 1);
      total += valueBytes(service, part.default) * growth + NAME_BYTES;
    }
  }
  return total;
}

/** Returns the bytes of all variables of the env file or the shell. The format adds `around` bytes to each. */
function variableBytes(config: Outputs, quoting: number, around: number): number {
  const { objects, searches = [], templateVariables = [] } = config;
  let total = 0;
  for (const variable of templateVariables) {
    total += templateBytes(variable, objects) * quoting + NAME_BYTES + 2 * Buffer.byteLength(variable.name);
  }
  for (const { service, variables = [], expansions = [] } of objects) {
    for (const { name, default: standIn } of variables) total += oneVariable({ service, name, standIn, quoting });
    const keys = Math.ceil(SERVICES[service].valueBytes / KEY_BYTES);
    for (const { prefix } of expansions) {
      total += SERVICES[service].valueBytes * quoting + keys * (2 * Buffer.byteLength(prefix) + around);
    }
  }
  for (const search of searches) {
    total += (search.expansions ?? []).length * SERVICES[search.service].searchBytes;
  }
  return total;
}

type OneVariable = {
  readonly service: ConfigObject['service'];
  readonly name: string;
  readonly standIn?: string | undefined;
  readonly quoting: number;
};

function oneVariable({ service, name, standIn, quoting }: OneVariable): number {
  return valueBytes(service, standIn) * quoting + NAME_BYTES + 2 * Buffer.byteLength(name);
}

/** Adds the file of the shell delivery, and the one of each container that has the same variables and some of its own. */
function addShellFiles(config: Outputs, add: Add): void {
  const common = variableBytes(config, ENV_FILE_GROWTH.shell, GUARD_BYTES);
  add(ENVIRONMENT_DIRECTORY, common);
  const own = new Map<string, number>();
  for (const { service, shell = [] } of config.objects) {
    for (const { container, variable } of shell) {
      const bytes = oneVariable({ service, name: variable, quoting: ENV_FILE_GROWTH.shell });
      own.set(container, (own.get(container) ?? common) + bytes);
    }
  }
  for (const bytes of own.values()) add(ENVIRONMENT_DIRECTORY, bytes);
}

function signalsContainers({ rotation }: Outputs): boolean {
  return rotation?.signal !== undefined || rotation?.restart === 'container';
}

function isOfFiles(directory: string): boolean {
  return directory !== ENVIRONMENT_DIRECTORY;
}

const OWN_VOLUMES: ReadonlyMap<string, string> = new Map([
  [SECRETS_DIRECTORY, VOLUMES.secrets],
  [FILES_DIRECTORY, VOLUMES.files],
  [ENVIRONMENT_DIRECTORY, VOLUMES.environment],
  [STATE_DIRECTORY, VOLUMES.state],
]);

function volumeAt(directory: string): string {
  return OWN_VOLUMES.get(directory) ?? directory.slice(volumeDirectory('').length);
}

function pages(count: number): number {
  return Math.ceil(count / PAGE) * PAGE;
}
