/** Makes a declaration from a pod's annotations, classes and CSI volumes, or a refusal for each of its mistakes. */
import { CONFIG_LIMIT } from '../../injector/contract/encode.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import { ownAnnotations, PREFIX } from './annotations.ts';
import { assemble } from './assemble.ts';
import { type Budget, startBudget } from './budget.ts';
import { ANNOTATION_BYTES, checkCount, checkNames, checkSources } from './checks.ts';
import { type ClassReading, readClasses } from './classes/classes.ts';
import { toSecrets } from './classes/made-secrets.ts';
import { type PodDefaults, podDefaults } from './classes/parameters.ts';
import { toSynced } from './classes/synced.ts';
import { collisions } from './collisions.ts';
import type { Declaration } from './declaration.ts';
import { echo } from './echo.ts';
import { assumedRole, identitiesOf, oneIdentity } from './identity.ts';
import { memoize } from './memoize.ts';
import { readValues } from './options.ts';
import { joinReadings } from './outputs.ts';
import { pathTranslation, UNTRANSLATED } from './paths.ts';
import { type CsiVolume, classLengths, type ProviderClass } from './provider-class.ts';
import { failoverMode, type Scope } from './scope.ts';
import { shorten } from './shorten.ts';
import { readSources, type Sources } from './sources/sources.ts';

export type Declared =
  | { readonly ok: true; readonly declaration: Declaration }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** The facts that `declare` needs besides the annotations. */
export type Context = {
  /** The region of the webhook's cluster; undefined if it is unknown. */
  readonly region: string | undefined;
  /** The namespace of the pod. */
  readonly namespace: string;
  /** The classes of `classNames`; undefined for a name that does not exist. */
  readonly classes: ReadonlyMap<string, ProviderClass | undefined>;
  /** The CSI volumes that are taken over. */
  readonly volumes: readonly CsiVolume[];
  /** True if pods without the annotation `sync` make the Secrets of their classes. */
  readonly syncs?: boolean;
};

type Own = ReadonlyMap<string, string>;

/** A context with the characters of each class that exists. */
type Sized = Context & { readonly lengths: ReadonlyMap<string, number> };

/** Keeps declarations, except refusals and those that are larger than any configuration. */
const known = memoize<Declared>((made) => {
  const length = made.ok ? JSON.stringify(made.declaration).length : Number.POSITIVE_INFINITY;
  return length > CONFIG_LIMIT ? undefined : length;
});

/** Reads the annotations, and the classes that they and the CSI volumes name. Returns the declaration, or a refusal for each mistake. */
export function declare(annotations: Readonly<Record<string, string>>, context: Context): Declared {
  const own = ownAnnotations(annotations);
  const lengths = classLengths(context.classes);
  const make = () => declareWithin(startBudget(), own, { ...context, lengths });
  // Classes that are too long to be read are refused. They would also make the key of what is kept too long.
  const length = [...lengths.values()].reduce((total, one) => total + one, 0);
  return length <= ANNOTATION_BYTES ? known(keyOf(own, context), make) : make();
}

/**
 * Returns a text that only the same annotations in the same context have. The values of the annotations are put behind it as they are,
 * as their lengths say where each ends, and to make JSON of them takes longer.
 */
function keyOf(own: Own, { region, namespace, classes, volumes, syncs }: Context): string {
  const lengths: (string | number)[] = [];
  let texts = '';
  for (const [name, text] of own) {
    lengths.push(name, text.length);
    texts += text;
  }
  return JSON.stringify([lengths, region, namespace, [...classes], volumes, syncs]) + texts;
}

function declareWithin(budget: Budget, own: Own, context: Sized): Declared {
  for (const [name, text] of own) {
    const problem = budget.characters(name.length + text.length);
    if (problem === undefined) continue;
    return { ok: false, refusals: [refusal('ASI_ADMIT_TOO_LARGE', `${echo(name)}: ${problem}`)] };
  }
  return declareAnew(own, context, budget);
}

function declareAnew(own: Own, context: Sized, budget: Budget): Declared {
  const { values, options, refusals: wrong } = readValues(own);
  const defaults = podDefaults(own, values, context.region);
  const scope = scopeOf(defaults);
  const sources = readSources(own, values, scope, budget);
  const syncs = values.sync ?? context.syncs ?? false;
  const named = values['secret-provider-class'] ?? [];
  const classes = readClasses(named, context.volumes, defaults, { ...context, syncs }, budget);
  const all = joinReadings([sources, ...classes]);
  const tooMany = checkCount(all);
  const region = regionOf(own, scope, sources, classes);
  const identity = oneIdentity(identitiesOf(defaults, sources, classes));
  const failover = failoverMode(values['failover-mode'], scope, classes);
  const assumed = assumedRole(own, values);
  const refusals = [
    ...checkNames(own),
    ...checkSources(own, context.volumes.length > 0),
    ...wrong,
    ...all.refusals,
    ...(values.sync ? refuseNoSecrets(classes) : []),
    ...(tooMany ? [tooMany] : collisions(all, sources.envFile?.path, values['mount-path'])),
    ...[region, identity, failover, assumed].filter((one) => isRefusal(one)),
  ];
  if (refusals.length > 0 || typeof region !== 'string' || isRefusal(identity)) {
    return { ok: false, refusals: shorten(refusals) };
  }
  const { indexOf, ...fetched } = assemble(all, region);
  const drafts = classes.flatMap(({ synced }) => synced);
  const made = toSecrets(
    classes.flatMap(({ secrets = [] }) => secrets),
    indexOf,
  );
  if (made.refusals.length > 0) return { ok: false, refusals: shorten(made.refusals) };
  return {
    ok: true,
    declaration: {
      ...fetched,
      ...options,
      ...failover,
      ...assumed,
      region,
      identity,
      variables: sources.variables,
      ...(all.warnings.length > 0 && { warnings: all.warnings }),
      ...(sources.delivery && { delivery: sources.delivery }),
      ...(sources.envFile && { envFile: sources.envFile }),
      volumes: context.volumes.map(({ name }) => name),
      synced: toSynced(drafts, indexOf),
      ...(made.secrets.length > 0 && { secrets: made.secrets }),
    },
  };
}

/** Returns a refusal if the pod asks for Kubernetes Secrets, and none of its classes declares one. */
function refuseNoSecrets(classes: readonly ClassReading[]): Refusal[] {
  if (classes.some(({ secrets, refusals }) => refusals.length > 0 || (secrets?.length ?? 0) > 0)) return [];
  const message = `sync: no SecretProviderClass of the pod has secretObjects; add them to one, name it in ${PREFIX}secret-provider-class, or remove ${PREFIX}sync`;
  return [refusal('ASI_ADMIT_SYNC', message)];
}

/** Returns the region of all objects that name none; undefined if the annotation `region` is wrong, or a class was refused. */
function regionOf(
  own: Own,
  scope: Scope,
  sources: Sources,
  classes: readonly ClassReading[],
): string | Refusal | undefined {
  if (scope.region !== undefined) return scope.region;
  if (!sources.any) return classes.find((one) => one.region !== undefined)?.region;
  if (own.has('region')) return undefined;
  const message = `region: the AWS region is unknown; set ${PREFIX}region, or the chart value aws.region for all pods`;
  return refusal('ASI_ADMIT_NO_REGION', message);
}

function scopeOf({ parameters, region, mode }: PodDefaults): Scope {
  const translation = pathTranslation(parameters.pathTranslation);
  return {
    region: parameters.region ?? region,
    failoverRegion: parameters.failoverRegion,
    translation: translation.ok ? translation.value : UNTRANSLATED,
    mode,
  };
}
