/**
 * Checks the declared outputs before anything is fetched: paths that are not possible, and two outputs for one file or
 * variable.
 */
import type { InjectorConfig } from '../contract/config.ts';
import { SENTINEL, SHELL_FILE, SHELL_FOLDER, shellFolderOf } from '../contract/names.ts';
import { filesAbove, type Target, targetKey } from '../contract/paths.ts';
import type { Failure } from '../errors.ts';
import { generationCause, pathCause } from './path-cause.ts';

/**
 * Describes a declared file. `from` names what declares it. Two declarations of one file are allowed if they have the same
 * `same`.
 */
type Declared = Target & { readonly from: string; readonly same?: string };

/**
 * Returns all failures of the declared outputs. The files and variables that keys become are only known when their objects are.
 */
export function outputFailures(config: InjectorConfig): Failure[] {
  return [...fileFailures(config), ...variableFailures(config), ...templateFailures(config)];
}

function fileFailures(config: InjectorConfig): Failure[] {
  const failures: Failure[] = [];
  const owners = new Map<string, Declared>();
  for (const file of declaredFiles(config)) {
    const problem = pathCause(file.path) ?? rotationCause(file, config);
    if (problem !== undefined) {
      failures.push(pathFailure(file.path, `${file.from}: ${problem}.`));
      continue;
    }
    const owner = owners.get(targetKey(file));
    if (owner !== undefined && (owner.same === undefined || owner.same !== file.same)) {
      failures.push(collision(file.path, `The file is written by ${owner.from} and by ${file.from}.`));
    }
    owners.set(targetKey(file), file);
  }
  for (const [{ path }, file] of filesAbove([...owners.values()])) {
    failures.push(collision(path, `${file.path} would be a file and a folder.`));
  }
  return failures;
}

/** The volume of variables is never replaced in one moment: its files are for the next start of a container. */
function rotationCause({ directory, path }: Declared, { rotation, environment }: InjectorConfig): string | undefined {
  return rotation === undefined || directory === environment?.directory ? undefined : generationCause(path);
}

/** Returns all files whose names the configuration has. */
export function declaredFiles(config: InjectorConfig): Declared[] {
  const { directory, objects, envFile, templates = [] } = config;
  return [
    ...objects.flatMap(({ name, files = [] }) =>
      files.map((file) => ({ directory: file.directory ?? directory, path: file.path, from: name })),
    ),
    ...templates.map((template) => ({
      directory: template.directory ?? directory,
      path: template.path,
      from: 'a template',
    })),
    ...(envFile === undefined ? [] : [{ directory, path: envFile.path, from: 'the env file' }]),
    ...environmentFiles(config),
  ];
}

/**
 * Returns every file that a run with this configuration may write, and every folder whose files only AWS names. The
 * configuration of a pod never changes, so that an earlier run in the pod can have written nothing else.
 */
export function possibleOutputs(config: InjectorConfig): Target[] {
  const folders = [...config.objects, ...(config.searches ?? [])].flatMap(({ folders = [] }) => folders);
  return [
    ...declaredFiles(config),
    ...folders.map(({ directory = config.directory, path }) => ({ directory, path, isFolder: true })),
  ];
}

/** Returns the directories of all files but those of variables that the kubelet or a shell reads. */
export function fileDirectories(config: InjectorConfig): string[] {
  const directories = new Set(possibleOutputs(config).map(({ directory }) => directory));
  if (config.environment) directories.delete(config.environment.directory);
  return [...directories];
}

/** Returns the files for the kubelet. One file may serve several variables, so that the same declaration may stand twice. */
function environmentFiles({ objects, templateVariables = [], environment }: InjectorConfig): Declared[] {
  if (environment === undefined) return [];
  const { directory, delivery, sentinel } = environment;
  return [
    ...objects.flatMap(({ name, environment: files = [] }) =>
      files.map((file) => ({ directory, path: file.path, from: name, same: JSON.stringify([name, file]) })),
    ),
    ...templateVariables.flatMap(({ name, kubelet }) =>
      kubelet === true ? [{ directory, path: name, from: 'a template' }] : [],
    ),
    ...(sentinel === true ? [{ directory, path: SENTINEL.path, from: 'the sentinel' }] : []),
    ...(delivery === 'shell' ? shellFolders(objects) : []).map((folder) => ({
      directory,
      path: `${folder}/${SHELL_FILE}`,
      from: 'the shell delivery',
    })),
  ];
}

function shellFolders(objects: InjectorConfig['objects']): string[] {
  const containers = new Set(objects.flatMap(({ shell = [] }) => shell.map(({ container }) => container)));
  return [SHELL_FOLDER, ...[...containers].map(shellFolderOf)];
}

function variableFailures(config: InjectorConfig): Failure[] {
  const { objects, searches = [], templateVariables = [], envFile, environment } = config;
  const forKubelet = templateVariables.filter(({ kubelet }) => kubelet === true);
  const variables = objects.flatMap(({ name, variables = [] }) =>
    variables.map((variable) => ({ variable: variable.name, from: name })),
  );
  const expansions = [...objects, ...searches].flatMap((each) => ('expansions' in each ? (each.expansions ?? []) : []));
  const files = [...objects.flatMap((object) => object.environment ?? []), ...forKubelet];
  const shells = objects.flatMap((object) => object.shell ?? []);
  const isShell = environment?.delivery === 'shell';
  const forFiles = variables.length + expansions.length + templateVariables.length - forKubelet.length;
  const hasNoFile = forFiles > 0 && envFile === undefined && !isShell;
  if (hasNoFile || (shells.length > 0 && !isShell) || (files.length > 0 && environment === undefined)) {
    return [
      { code: 'ASI_CFG_ENV_FILE', subject: 'env', headline: 'The pod declares variables, and no env file for them.' },
    ];
  }
  const failures: Failure[] = [];
  const owners = new Map<string, string>();
  const templated = templateVariables.map(({ name }) => ({ variable: name, from: 'a template' }));
  for (const { variable, from } of [...variables, ...templated]) {
    const owner = owners.get(variable);
    if (owner !== undefined) failures.push(collision(variable, `The variable is set by ${owner} and by ${from}.`));
    owners.set(variable, from);
  }
  return failures;
}

function templateFailures({ objects, templates = [], templateVariables = [] }: InjectorConfig): Failure[] {
  const named = [...templates.map(({ path, parts }) => ({ name: path, parts })), ...templateVariables];
  return named.flatMap(({ name, parts }) =>
    parts.some((part) => typeof part !== 'string' && part.object >= objects.length)
      ? [{ code: 'ASI_CFG_INVALID', subject: name, headline: `${name} refers to an object that is not declared.` }]
      : [],
  );
}

function pathFailure(path: string, cause: string): Failure {
  const shown = path.length > 80 ? `${path.slice(0, 80)}…` : path;
  return {
    code: 'ASI_CFG_PATH',
    subject: shown,
    headline: `The file ${JSON.stringify(shown)} is not possible.`,
    cause,
  };
}

function collision(subject: string, cause: string): Failure {
  return { code: 'ASI_CFG_COLLISION', subject, headline: `${subject} is declared twice.`, cause };
}
