/** Decides everything that can be known without the network: what to ask AWS for, once each, and what is wrong already. */
import type { ConfigObject, InjectorConfig } from './config.ts';
import type { Failure } from './errors.ts';

/** One thing to fetch, whatever number of files and variables come from it. */
export type Source = Pick<ConfigObject, 'service' | 'name' | 'version' | 'label'>;

export type Plan = {
  /** One GetSecretValue each. */
  readonly secrets: readonly Source[];
  /** One GetParameters each. */
  readonly batches: readonly (readonly Source[])[];
};

/** GetParameters takes no more names. */
const BATCH_SIZE = 10;

/** Linux: NAME_MAX and PATH_MAX. */
const NAME_LIMIT = 255;
const PATH_LIMIT = 4096;

/** Equal sources have equal keys. */
export function sourceKey(source: Source): string {
  return JSON.stringify([source.service, source.name, source.version ?? null, source.label ?? null]);
}

/**
 * A parameter's name without ARN, selector and leading slash: what an answer can be matched by, as AWS names the parameter
 * and not the request.
 */
export function bareParameterName(name: string): string {
  const path = name.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:parameter/, '');
  return path.replace(/:.*$/s, '').replace(/^\//, '');
}

/** Plans the requests, and lists all that is wrong with the outputs. */
export function plan(config: InjectorConfig): { plan: Plan; failures: Failure[] } {
  const unique = new Map(config.objects.map((object) => [sourceKey(object), source(object)]));
  const sources = [...unique.values()];
  return {
    plan: {
      secrets: sources.filter(({ service }) => service === 'secretsmanager'),
      batches: batch(sources.filter(({ service }) => service === 'ssm')),
    },
    failures: [...fileFailures(config), ...variableFailures(config)],
  };
}

function source({ service, name, version, label }: ConfigObject): Source {
  return {
    service,
    name,
    ...(version === undefined ? {} : { version }),
    ...(label === undefined ? {} : { label }),
  };
}

/** First fit: the first batch with room and without this parameter; two versions of one parameter never share a batch. */
function batch(sources: readonly Source[]): Source[][] {
  const batches: { names: Set<string>; sources: Source[] }[] = [];
  for (const source of sources) {
    const name = bareParameterName(source.name);
    let target = batches.find(({ names, sources }) => sources.length < BATCH_SIZE && !names.has(name));
    if (target === undefined) {
      target = { names: new Set(), sources: [] };
      batches.push(target);
    }
    target.names.add(name);
    target.sources.push(source);
  }
  return batches.map(({ sources }) => sources);
}

function fileFailures(config: InjectorConfig): Failure[] {
  const declared = config.objects.flatMap(({ name, files }) => (files ?? []).map(({ path }) => ({ path, from: name })));
  if (config.envFile !== undefined) declared.push({ path: config.envFile.path, from: 'the env file' });
  const failures: Failure[] = [];
  const owners = new Map<string, string>();
  for (const { path, from } of declared) {
    const problem = pathProblem(path);
    const owner = owners.get(path);
    if (problem !== undefined) {
      failures.push(pathFailure(path, `${from}: ${problem}.`));
      continue;
    }
    if (owner !== undefined) failures.push(collision(path, `The file is written by ${owner} and by ${from}.`));
    owners.set(path, from);
  }
  for (const path of owners.keys()) {
    const folder = foldersOf(path).find((parent) => owners.has(parent));
    if (folder !== undefined) failures.push(collision(path, `${folder} would be a file and a folder.`));
  }
  return failures;
}

/** Why the path can't be a file inside the volume; undefined where it can. */
export function pathProblem(path: string): string | undefined {
  if (path.includes('\0')) return 'the path has a NUL';
  if (path.startsWith('/')) return 'the path must be relative';
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.')) return 'the path has an empty or . part';
  if (parts.includes('..')) return 'path can not contain ../';
  if (parts.some((part) => Buffer.byteLength(part) > NAME_LIMIT)) return `a name is longer than ${NAME_LIMIT} bytes`;
  return Buffer.byteLength(path) > PATH_LIMIT ? `the path is longer than ${PATH_LIMIT} bytes` : undefined;
}

/** The folders that the file needs, outermost first. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function variableFailures(config: InjectorConfig): Failure[] {
  const variables = config.objects.flatMap(({ name, variables }) =>
    (variables ?? []).map((variable) => ({ variable: variable.name, from: name })),
  );
  const any = variables.length > 0 || config.objects.some(({ expansions }) => (expansions ?? []).length > 0);
  if (any && config.envFile === undefined) {
    return [{ code: 'ASI_CFG_ENV_FILE', subject: 'env', headline: 'Variables are declared, and no env file.' }];
  }
  const failures: Failure[] = [];
  const owners = new Map<string, string>();
  for (const { variable, from } of variables) {
    const owner = owners.get(variable);
    if (owner !== undefined) failures.push(collision(variable, `The variable is set by ${owner} and by ${from}.`));
    owners.set(variable, from);
  }
  return failures;
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
