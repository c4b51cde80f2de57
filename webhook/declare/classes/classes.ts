/** Reads the SecretProviderClasses that a pod names, and refuses them in the words of the CSI driver and of ASCP. */
import { isRefusal, type Refusal, type RefusalCode, refusal } from '../../errors.ts';
import { volumeDirectory } from '../../pod/names.ts';
import { PREFIX } from '../annotations.ts';
import type { Budget } from '../budget.ts';
import { echo } from '../echo.ts';
import { parseObjects } from '../objects/objects.ts';
import type { Reading } from '../outputs.ts';
import { type CsiVolume, type ProviderClass, textLength } from '../provider-class.ts';
import { MOST_REFUSALS } from '../shorten.ts';
import { MOST_CLASSES, OBJECT_NAME } from '../values.ts';
import { type SecretDraft, secretsBy } from './made-secrets.ts';
import { type Identity, overlay, type Parameters, type PodDefaults, readParameters } from './parameters.ts';
import { type SyncedDraft, syncedBy } from './synced.ts';

/** Each reading of a class counts so many characters besides its text, as many volumes can name one class. */
const EACH_CLASS = 512;

type Classes = {
  readonly namespace: string;
  readonly classes: ReadonlyMap<string, ProviderClass | undefined>;
  /** The characters of each class that exists. */
  readonly lengths: ReadonlyMap<string, number>;
  /** True if the pod makes the Secrets of its classes itself. */
  readonly syncs: boolean;
};
type NamedClass = {
  readonly annotation: string;
  readonly className: string;
  /** The volume that names the class; undefined if the annotation names it. */
  readonly volume?: CsiVolume;
};
export type ClassReading = Reading & {
  readonly identity?: Identity;
  readonly region?: string;
  /** The Secrets whose values the containers get without them. */
  readonly synced: readonly SyncedDraft[];
  /** The Secrets that the pod makes. */
  readonly secrets?: readonly SecretDraft[];
};

/**
 * Returns the names of the classes that `declare` needs, each once. It leaves out texts that cannot be names, and returns none if
 * there are too many: `declare` refuses both.
 */
export function classNames(
  annotations: Readonly<Record<string, string>>,
  volumes: readonly CsiVolume[],
): readonly string[] {
  const listed = annotations[`${PREFIX}secret-provider-class`] ?? '';
  if (listed === '' && volumes.length === 0) return [];
  const names = [...listed.split(',').map((name) => name.trim()), ...volumes.map(({ className }) => className)];
  const possible = [...new Set(names)].filter((name) => OBJECT_NAME.test(name));
  return possible.length > MOST_CLASSES ? [] : possible;
}

/**
 * Reads the classes that the annotation names, and then those of the volumes. A class counts against
 * the budget once for each volume that names it, as it is read once for each.
 */
export function readClasses(
  names: readonly string[],
  volumes: readonly CsiVolume[],
  defaults: PodDefaults,
  context: Classes,
  budget: Budget,
): readonly ClassReading[] {
  const wanted: NamedClass[] = [
    ...names.map((className) => ({ annotation: `secret-provider-class ${className}`, className })),
    ...volumes.map((volume) => ({
      annotation: `volume ${echo(volume.name)}${volume.className === '' ? '' : ` (class ${echo(volume.className)})`}`,
      className: volume.className,
      volume,
    })),
  ];
  const count = new Set(wanted.map(({ className }) => className)).size;
  if (count > MOST_CLASSES) return [refused(tooMany(count))];
  const readings: ClassReading[] = [];
  let refusals = 0;
  for (const one of wanted) {
    const reading = readNamedClass(one, defaults, context, budget);
    readings.push(reading);
    refusals += reading.refusals.length;
    if (refusals > MOST_REFUSALS) break;
  }
  return readings;
}

function readNamedClass(wanted: NamedClass, defaults: PodDefaults, context: Classes, budget: Budget): ClassReading {
  const problem = budget.characters(EACH_CLASS + lengthOf(wanted, context));
  if (problem !== undefined) return refused(refusal('ASI_ADMIT_TOO_LARGE', `${wanted.annotation}: ${problem}`));
  const parameters = parametersOf(wanted, defaults, context);
  if (isRefusal(parameters)) return refused(parameters);
  return readClass(wanted, parameters, defaults, context, budget);
}

function lengthOf({ className, volume }: NamedClass, { lengths }: Classes): number {
  return (lengths.get(className) ?? 0) + textLength(Object.entries(volume?.attributes ?? {}));
}

function tooMany(count: number): Refusal {
  const message =
    `secret-provider-class: annotation and CSI volumes name ${count} classes together, more than ${MOST_CLASSES}; ` +
    'put the objects of several into one class, or split the pod';
  return refusal('ASI_ADMIT_TOO_LARGE', message);
}

function refused(why: Refusal): ClassReading {
  return { outputs: [], synced: [], refusals: [why] };
}

/** Makes the checks of the CSI driver, in its order. Returns the parameters that the driver would give to ASCP. */
function parametersOf(
  wanted: NamedClass,
  defaults: PodDefaults,
  { namespace, classes }: Classes,
): Parameters | Refusal {
  const { annotation, className, volume } = wanted;
  const refuse = (code: RefusalCode, problem: string): Refusal => refusal(code, `${annotation}: ${problem}`);
  if (className === '') {
    return refuse('ASI_ADMIT_INVALID_VOLUME', 'secretProviderClass is not set; name a class in its volumeAttributes');
  }
  const name = `${namespace}/${echo(className)}`;
  const found = classes.get(className);
  if (found === undefined) {
    const fix = 'create it, or correct the name; the controller tries the pod again by itself';
    return refuse('ASI_ADMIT_NO_CLASS', `failed to get secretproviderclass ${name}, error: there is none; ${fix}`);
  }
  if (!found.provider) return refuse('ASI_ADMIT_INVALID_CLASS', `provider not set in ${name}; write provider: aws`);
  if (Object.keys(found.parameters).length === 0) {
    return refuse('ASI_ADMIT_INVALID_CLASS', `parameters not set in ${name}; write at least parameters.objects`);
  }
  if (volume?.readOnly === false) {
    return refuse('ASI_ADMIT_INVALID_VOLUME', 'Readonly is not true in request; write readOnly: true below csi:');
  }
  if (found.provider !== 'aws') {
    const problem = `provider not found: provider "${echo(found.provider)}"; only classes of provider aws can be read`;
    return refuse('ASI_ADMIT_INVALID_CLASS', problem);
  }
  return volume
    ? overlay(defaults.parameters, overlay(found.parameters, volume.attributes))
    : overlay(found.parameters, defaults.parameters);
}

/** Makes the checks of ASCP, in its order, and returns the outputs of the class, or everything that is wrong with it. */
function readClass(
  { annotation, className, volume }: NamedClass,
  parameters: Parameters,
  defaults: PodDefaults,
  { classes, syncs }: Classes,
  budget: Budget,
): ClassReading {
  const { scope, identity, problems } = readParameters(parameters, defaults);
  const wrong = problems.map((problem) => refusal('ASI_ADMIT_INVALID_CLASS', `${annotation}: ${problem}`));
  const owner = { ...scope, annotation, strict: false, ...(volume && { directory: volumeDirectory(volume.name) }) };
  const reading = parseObjects(parameters.objects ?? '', owner, budget);
  if (wrong.length > 0) return { outputs: [], synced: [], refusals: [...wrong, ...reading.refusals] };
  const { secretObjects = [] } = classes.get(className) ?? {};
  const made = syncs ? secretsBy(secretObjects, reading.outputs, annotation) : undefined;
  return {
    ...reading,
    identity,
    ...(scope.region !== undefined && { region: scope.region }),
    synced: made ? [] : syncedBy(secretObjects, reading.outputs),
    ...(made && { secrets: made.secrets, refusals: [...reading.refusals, ...made.refusals] }),
  };
}
