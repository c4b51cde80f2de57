/** From a pod's annotations, classes and CSI volumes to its declaration, or to everything that is wrong at once. */
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import { type Annotated, readAnnotated } from './annotated/annotated.ts';
import { ownAnnotations } from './annotations.ts';
import { type Assembled, assemble } from './assemble.ts';
import { checkNames, checkSources, shorten } from './check-names.ts';
import { type ClassReading, readClasses } from './classes/classes.ts';
import type { Said } from './classes/parameters.ts';
import { type SyncedDraft, toSynced } from './classes/synced.ts';
import { collisions } from './collisions.ts';
import type { Declaration } from './declaration.ts';
import { echo } from './echo.ts';
import { identitiesOf, oneIdentity } from './identity.ts';
import { given, type Read, readAssumed, readFailoverMode, readOptions, readSaid } from './options.ts';
import { together } from './outputs.ts';
import { pathTranslation } from './paths.ts';
import type { Place } from './place.ts';
import type { CsiVolume, ProviderClass } from './provider-class.ts';
import { recent } from './recent.ts';
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

const known = recent<Declared>();

/** Reads the annotations, and the classes that they and the CSI volumes name. */
export function declare(annotations: Readonly<Record<string, string>>, context: Context): Declared {
  const own = ownAnnotations(annotations);
  const { region, namespace, classes, volumes } = context;
  return known(JSON.stringify([[...own], region, namespace, [...classes], volumes]), () => declareAnew(own, context));
}

function declareAnew(own: Own, context: Context): Declared {
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
  const said = readSaid(own, read, context.region);
  const place = placeOf(said);
  const options = readOptions(read);
  const annotated = readAnnotated(own, read, place);
  const names = read('secret-provider-class', values.parseClassNames) ?? [];
  const classes = readClasses(names, context.volumes, said, context);
  const all = together([annotated, ...classes]);
  refusals.push(...all.refusals, ...collisions(all, annotated.envFile?.path));
  const region = regionOf(own, place, annotated, classes);
  const identity = oneIdentity(identitiesOf(said, annotated, classes));
  const failover = readFailoverMode(read, place, classes);
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
  place: Place,
  annotated: Annotated,
  classes: readonly ClassReading[],
): string | Refusal | undefined {
  if (place.region !== undefined) return place.region;
  if (!annotated.any) return classes.find((one) => one.region !== undefined)?.region;
  if (own.has('region')) return undefined;
  const message = 'region: nobody knows the AWS region; set this annotation, or the chart value aws.region';
  return refusal('ASI_ADMIT_NO_REGION', message);
}

function placeOf({ parameters, region, mode }: Said): Place {
  const translation = pathTranslation(parameters.pathTranslation);
  return {
    region: parameters.region ?? region,
    failoverRegion: parameters.failoverRegion,
    translation: translation.ok ? translation.value : { toPath: (name) => name, slash: '_' },
    mode,
  };
}
