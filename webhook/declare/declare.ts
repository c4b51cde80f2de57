/** From a pod's annotations to its declaration, or to everything that is wrong with them at once. */
import { Refusal } from '../errors.ts';
import { ANNOTATIONS, type AnnotationName, ownAnnotations, PREFIX, SOURCES } from './annotations.ts';
import type { Declaration } from './declaration.ts';
import { echo } from './echo.ts';
import { parseEnv } from './env.ts';
import { checkEnvFile } from './env-file.ts';
import { parseEnvFrom } from './env-from.ts';
import { parseFiles, type Reading } from './files.ts';
import { parseObjects } from './objects.ts';
import { collisions, toObjects } from './outputs.ts';
import { bad, good, type Parsed } from './parsed.ts';
import { filePathProblem, pathTranslation } from './paths.ts';
import type { CsiVolume, ProviderClass } from './provider-class.ts';
import { nearest } from './spelling.ts';
import * as values from './values.ts';

export type Declared =
  | { readonly ok: true; readonly declaration: Declaration }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

type Own = ReadonlyMap<string, string>;
/** The value of an annotation; nothing where it is absent or wrong, which is then noted. */
type Read = <T>(name: AnnotationName, parse: (text: string) => Parsed<T>) => T | undefined;
type Place = Pick<Declaration, 'envFile'> & { readonly region: string | undefined; readonly fetched: Reading };

const PLAIN = {
  searches: [],
  templates: [],
  identity: { kind: 'web-identity' },
  variables: [],
  synced: [],
  volumes: [],
} as const;

const NOTHING: Reading = { outputs: [], refusals: [] };
/** More would not be read, and the API server cuts long messages. */
const MOST_REFUSALS = 20;

/** What the pod's annotations do not say. */
export type Context = {
  /** Where the webhook's own cluster is. */
  readonly region: string | undefined;
  /** The pod's. */
  readonly namespace: string;
  /** All of {@link classNames}; undefined where there is no such object. */
  readonly classes: ReadonlyMap<string, ProviderClass | undefined>;
  /** Those that are taken over. */
  readonly volumes: readonly CsiVolume[];
};

/** Reads the annotations, and the classes that they and the CSI volumes name. */
export function declare(annotations: Readonly<Record<string, string>>, context: Context): Declared {
  const own = ownAnnotations(annotations);
  const refusals: Refusal[] = [];
  const read: Read = (name, parse) => {
    const text = own.get(name);
    const parsed = text === undefined ? undefined : parse(text);
    if (parsed?.ok === false) {
      refusals.push(new Refusal('ASI_ADMIT_INVALID_VALUE', `${name}: "${echo(text ?? '')}" ${parsed.problem}`));
    }
    return parsed?.ok ? parsed.value : undefined;
  };
  refusals.push(...checkNames(own), ...checkSources(own), ...checkEnvFile(own));
  read('inject', values.parseBoolean);
  read('use-pod-identity', values.parseBoolean);
  const place = readPlace(own, read, context.region);
  const settings = readSettings(read);
  refusals.push(...place.fetched.refusals, ...collisions(place.fetched.outputs, place.envFile?.path));
  const { region, envFile, fetched } = place;
  if (region === undefined && !own.has('region')) {
    const message = 'region: nobody knows the AWS region; set this annotation, or the chart value aws.region';
    refusals.push(new Refusal('ASI_ADMIT_NO_REGION', message));
  }
  if (region === undefined || refusals.length > 0) return { ok: false, refusals: shorten(refusals) };
  const objects = toObjects(fetched.outputs);
  return { ok: true, declaration: { ...PLAIN, objects, region, ...given('envFile', envFile), ...settings } };
}

function checkNames(own: Own): Refusal[] {
  return [...own.keys()].flatMap((name, index): Refusal[] => {
    if (!Object.hasOwn(ANNOTATIONS, name)) {
      // Guesses are slow, and no more refusals are shown.
      const guess = index < MOST_REFUSALS ? nearest(name, Object.keys(ANNOTATIONS)) : undefined;
      const fix = guess === undefined ? 'remove it, or upgrade the chart' : `did you mean ${PREFIX}${guess}?`;
      const message = `${echo(name)}: unknown annotation ${PREFIX}${echo(name)}; ${fix}`;
      return [new Refusal('ASI_ADMIT_UNKNOWN_ANNOTATION', message)];
    }
    if (!('later' in ANNOTATIONS[name as AnnotationName])) return [];
    const message = `${name}: ${PREFIX}${name} is not supported by this version yet; remove it, or upgrade the chart`;
    return [new Refusal('ASI_ADMIT_NOT_SUPPORTED_YET', message)];
  });
}

/** Where every name is known, and none says what to fetch, the pod would start without what it seems to want. */
function checkSources(own: Own): Refusal[] {
  const names = [...own.keys()];
  if (names.some((name) => !Object.hasOwn(ANNOTATIONS, name)) || SOURCES.some((name) => own.has(name))) return [];
  const message = `${names[0] ?? 'files'}: nothing says what to fetch; add ${PREFIX}files, objects, env or env-from, or remove the annotation`;
  return [new Refusal('ASI_ADMIT_EMPTY', message)];
}

/** What is fetched, and the paths that it is written to. */
function readPlace(own: Own, read: Read, defaultRegion: string | undefined): Place {
  const named = read('region', values.parseRegion);
  const region = own.has('region') ? named : defaultRegion;
  const mode = read('file-permission', values.parseFileMode) ?? '0644';
  const path = read('env-file', parseFilePath);
  const format = read('env-file-format', values.parseEnvFileFormat) ?? 'shell';
  const translation = pathTranslation(own.get('path-translation'));
  const translate = translation.ok ? translation.value : (name: string) => name;
  const readings = [
    translation.ok ? NOTHING : refused(`path-translation: ${translation.problem}`),
    fetchedBy(own, 'objects', (text) => parseObjects(text, { region, translate, mode })),
    fetchedBy(own, 'files', (text) => parseFiles(text, mode, region)),
    fetchedBy(own, 'env', (text) => parseEnv(text, region)),
    fetchedBy(own, 'env-from', (text) => parseEnvFrom(text, region)),
  ];
  const fetched = {
    outputs: readings.flatMap(({ outputs }) => outputs),
    refusals: readings.flatMap(({ refusals }) => refusals),
  };
  return { region, fetched, ...given('envFile', path === undefined ? undefined : { path, format, mode }) };
}

function fetchedBy(own: Own, name: AnnotationName, parse: (text: string) => Reading): Reading {
  const text = own.get(name);
  return text === undefined ? NOTHING : parse(text);
}

function refused(message: string): Reading {
  return { outputs: [], refusals: [new Refusal('ASI_ADMIT_INVALID_VALUE', message)] };
}

function parseFilePath(text: string): Parsed<string> {
  const problem = filePathProblem(text);
  return problem === undefined ? good(text) : bad(problem);
}

function readSettings(
  read: Read,
): Pick<Declaration, 'mountPath' | 'containers' | 'position' | 'retryTimeoutSeconds' | 'overrides'> {
  return {
    mountPath: read('mount-path', values.parseMountPath) ?? '/mnt/secrets-store',
    ...given('containers', read('containers', values.parseContainers)),
    position: read('position', values.parsePosition) ?? { kind: 'first' },
    ...given('retryTimeoutSeconds', read('retry-timeout', values.parseDuration)),
    overrides: {
      ...given('cpu', read('cpu', values.parseCpu)),
      ...given('memory', read('memory', values.parseMemory)),
      ...given('runAsUser', read('run-as-user', values.parseUser)),
      ...given('runAsGroup', read('run-as-group', values.parseGroup)),
      ...given('logLevel', read('log-level', values.parseLogLevel)),
    },
  };
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]: V });
}

function shorten(refusals: readonly Refusal[]): readonly Refusal[] {
  const [first, ...more] = refusals.slice(MOST_REFUSALS);
  if (first === undefined) return refusals;
  const rest = new Refusal(first.code, `and ${more.length + 1} more problems like these; correct these first`);
  return [...refusals.slice(0, MOST_REFUSALS), rest];
}
