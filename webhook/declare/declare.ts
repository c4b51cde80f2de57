/** From a pod's annotations, classes and CSI volumes to its declaration, or to everything that is wrong at once. */
import { CONFIG_LIMIT } from '../../injector/config.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import { type Annotated, readAnnotated } from './annotated/annotated.ts';
import { ownAnnotations } from './annotations.ts';
import { type Assembled, assemble } from './assemble.ts';
import { type Budget, startBudget } from './budget.ts';
import { checkNames, checkSources } from './check-names.ts';
import { ANNOTATION_BYTES, checkCount } from './check-size.ts';
import { type ClassReading, readClasses } from './classes/classes.ts';
import type { PodDefaults } from './classes/parameters.ts';
import { type SyncedDraft, toSynced } from './classes/synced.ts';
import { collisions } from './collisions.ts';
import type { Declaration } from './declaration.ts';
import { echo } from './echo.ts';
import { identitiesOf, oneIdentity } from './identity.ts';
import { memoize } from './memoize.ts';
import { given, type Read, readAssumed, readFailoverMode, readOptions, readPodDefaults } from './options.ts';
import { joinReadings } from './outputs.ts';
import { pathTranslation } from './paths.ts';
import type { CsiVolume, ProviderClass } from './provider-class.ts';
import type { Scope } from './scope.ts';
import { shorten } from './shorten.ts';
import { classLengths } from './text-length.ts';
import * as values from './values.ts';

export type Declared =
  | { readonly ok: true; readonly declaration: Declaration }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** What the pod's annotations do not say. */
export type Context = {
  /** Where the webhook's own cluster is. */
  readonly region: string | undefined;
  /** The pod's. */
  readonly namespace: string;
  /** All of `classNames`; undefined where there is no such object. */
  readonly classes: ReadonlyMap<string, ProviderClass | undefined>;
  /** Those that are taken over. */
  readonly volumes: readonly CsiVolume[];
};

type Own = ReadonlyMap<string, string>;

/** Declarations that were made. Those that are refused, and those that no configuration can hold, are not kept. */
const known = memoize<Declared>((made) => {
  const length = made.ok ? JSON.stringify(made.declaration).length : Number.POSITIVE_INFINITY;
  return length > CONFIG_LIMIT ? undefined : length;
});

/** Reads the annotations, and the classes that they and the CSI volumes name. Returns everything that is wrong with them at once. */
export function declare(annotations: Readonly<Record<string, string>>, context: Context): Declared {
  const own = ownAnnotations(annotations);
  const budget = startBudget();
  for (const [name, text] of own) {
    const problem = budget.characters(name.length + text.length);
    if (problem === undefined) continue;
    return { ok: false, refusals: [refusal('ASI_ADMIT_TOO_LARGE', `${echo(name)}: ${problem}`)] };
  }
  const { region, namespace, classes, volumes } = context;
  const lengths = classLengths(classes);
  const make = () => declareAnew(own, { ...context, lengths }, budget);
  // Classes that are too long to be read are not written out either, to be compared with what is kept.
  const length = [...lengths.values()].reduce((total, one) => total + one, 0);
  return length <= ANNOTATION_BYTES
    ? known(JSON.stringify([[...own], region, namespace, [...classes], volumes]), make)
    : make();
}

function declareAnew(
  own: Own,
  context: Context & { readonly lengths: ReadonlyMap<string, number> },
  budget: Budget,
): Declared {
  const refusals = [...checkNames(own), ...checkSources(own, context.volumes.length > 0)];
  const read: Read = (name, parse, shown = true) => {
    const text = own.get(name);
    const parsed = text === undefined ? undefined : parse(text);
    if (parsed?.ok === false) {
      const value = shown ? `"${echo(text ?? '')}" ` : '';
      refusals.push(refusal('ASI_ADMIT_INVALID_VALUE', `${name}: ${value}${parsed.problem}`));
    }
    return parsed?.ok ? parsed.value : undefined;
  };
  read('inject', values.parseBoolean);
  const defaults = readPodDefaults(own, read, context.region);
  const scope = scopeOf(defaults);
  const options = readOptions(read);
  const annotated = readAnnotated(own, read, scope, budget);
  const names = read('secret-provider-class', values.parseClassNames) ?? [];
  const classes = readClasses(names, context.volumes, defaults, context, budget);
  const all = joinReadings([annotated, ...classes]);
  const tooMany = checkCount(all);
  refusals.push(...all.refusals, ...(tooMany ? [tooMany] : collisions(all, annotated.envFile?.path)));
  const region = regionOf(own, scope, annotated, classes);
  const identity = oneIdentity(identitiesOf(defaults, annotated, classes));
  const failover = readFailoverMode(read, scope, classes);
  const assumed = readAssumed(own, read);
  refusals.push(...[region, identity, failover, assumed].filter((one) => isRefusal(one)));
  if (refusals.length > 0 || typeof region !== 'string' || isRefusal(identity)) {
    return { ok: false, refusals: shorten(refusals) };
  }
  const { indexOf, ...fetched } = assemble(all, region);
  const drafts = classes.flatMap(({ synced }) => synced);
  const declared = { ...fetched, region, identity, ...failover, ...assumed, ...options };
  return { ok: true, declaration: { ...declared, ...variablesOf(annotated), ...takenOver(context, drafts, indexOf) } };
}

function variablesOf({
  variables,
  delivery,
  envFile,
}: Annotated): Pick<Declaration, 'variables' | 'delivery' | 'envFile'> {
  return { variables, ...given('delivery', delivery), ...given('envFile', envFile) };
}

function takenOver(
  { volumes }: Context,
  drafts: readonly SyncedDraft[],
  indexOf: Assembled['indexOf'],
): Pick<Declaration, 'volumes' | 'synced'> {
  return { volumes: volumes.map(({ name }) => name), synced: toSynced(drafts, indexOf) };
}

/** Where everything is that names no region of its own. */
function regionOf(
  own: Own,
  scope: Scope,
  annotated: Annotated,
  classes: readonly ClassReading[],
): string | Refusal | undefined {
  if (scope.region !== undefined) return scope.region;
  if (!annotated.any) return classes.find((one) => one.region !== undefined)?.region;
  if (own.has('region')) return undefined;
  const message = 'region: nobody knows the AWS region; set this annotation, or the chart value aws.region';
  return refusal('ASI_ADMIT_NO_REGION', message);
}

function scopeOf({ parameters, region, mode }: PodDefaults): Scope {
  const translation = pathTranslation(parameters.pathTranslation);
  return {
    region: parameters.region ?? region,
    failoverRegion: parameters.failoverRegion,
    translation: translation.ok ? translation.value : { toPath: (name) => name, slash: '_' },
    mode,
  };
}
