/** Reads the parameters of a SecretProviderClass that ASCP reads, and ignores all others. */
import type { Declaration } from '../declaration.ts';
import { echo } from '../echo.ts';
import type { Values } from '../options.ts';
import { pathTranslation, UNTRANSLATED } from '../paths.ts';
import { failoverProblem, type Scope } from '../scope.ts';
import { parseAddressType, parseBoolean, parseRegion } from '../values.ts';

/** An annotation of the pod sets each of these parameters for all its classes. */
const ANNOTATED = {
  region: 'region',
  failoverRegion: 'failover-region',
  pathTranslation: 'path-translation',
  usePodIdentity: 'use-pod-identity',
  preferredAddressType: 'preferred-address-type',
} as const satisfies Record<string, keyof Values>;

const KEYS = ['objects', ...(Object.keys(ANNOTATED) as (keyof typeof ANNOTATED)[])] as const;

export type Identity = Declaration['identity'];

export type Parameters = { readonly [key in (typeof KEYS)[number]]?: string };

/** The defaults that the annotations of a pod set for all that it declares. */
export type PodDefaults = {
  /** The texts of the annotations, as parameters of a class. */
  readonly parameters: Parameters;
  /** The region of the webhook's cluster; undefined if it is unknown, or if the pod has the annotation `region`. */
  readonly region: string | undefined;
  readonly mode: string;
};

/** Returns the defaults that the annotations set. A wrong annotation counts as absent. `region` is the webhook's own. */
export function podDefaults(own: ReadonlyMap<string, string>, values: Values, region: string | undefined): PodDefaults {
  const texts = Object.entries(ANNOTATED).map(([key, name]) => [key, values[name] === undefined ? '' : own.get(name)]);
  const parameters = Object.fromEntries(texts.filter(([, text]) => text)) as Parameters;
  return { parameters, region: own.has('region') ? undefined : region, mode: values['file-permission'] };
}

/** Returns the parameters of all layers. A later layer wins, and a parameter with an empty text is left out. */
export function overlay(...layers: readonly Readonly<Record<string, string>>[]): Parameters {
  const entries = KEYS.map((key) => {
    const texts = layers.map((layer) => (Object.hasOwn(layer, key) ? layer[key] : undefined));
    return [key, texts.findLast((text) => text !== undefined)] as const;
  });
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text !== '')) as Parameters;
}

export type ReadParameters = {
  /** A parameter that is wrong has its default here; a wrong region is undefined, so that no ARN is compared with it. */
  readonly scope: Scope;
  readonly identity: Identity;
  /** Everything that is wrong, in ASCP's order and words, with the fix. */
  readonly problems: readonly string[];
};

/** Reads all parameters but `objects`. */
export function readParameters(parameters: Parameters, defaults: PodDefaults): ReadParameters {
  const region = parameters.region ?? defaults.region;
  const { failoverRegion, usePodIdentity = 'false' } = parameters;
  const wrongRegion = region === undefined ? NO_REGION : regionProblem('region', region);
  const wrongFailover = failoverRegion === undefined ? undefined : regionProblem('failoverRegion', failoverRegion);
  const pod = parseBoolean(usePodIdentity);
  const translation = pathTranslation(parameters.pathTranslation);
  const problems = [
    wrongRegion,
    wrongFailover,
    isRefusedForThePod(parameters, defaults) ? undefined : failoverProblem(region, failoverRegion),
    pod.ok ? undefined : `failed to parse usePodIdentity value, error: "${echo(usePodIdentity)}" ${pod.problem}`,
    translation.ok ? undefined : translation.problem,
  ].filter((problem) => problem !== undefined);
  const scope = {
    region: wrongRegion === undefined ? region : undefined,
    failoverRegion: wrongFailover === undefined ? failoverRegion : undefined,
    translation: translation.ok ? translation.value : UNTRANSLATED,
    mode: defaults.mode,
  };
  return { scope, identity: identityOf(parameters), problems };
}

const NO_REGION =
  'failed to retrieve region from node. error Region not found; write the parameter region, or the chart value aws.region';

function regionProblem(key: string, text: string): string | undefined {
  const parsed = parseRegion(text);
  return parsed.ok ? undefined : `${key} "${echo(text)}" ${parsed.problem}`;
}

/** Returns whether both regions are those of the pod's annotations, which are refused by their own names and only once. */
function isRefusedForThePod({ region, failoverRegion }: Parameters, { parameters, region: own }: PodDefaults): boolean {
  return failoverRegion === parameters.failoverRegion && (region ?? own) === (parameters.region ?? own);
}

/** Returns the identity of parameters whose `usePodIdentity` is valid. An unknown type of address counts as `auto`, as in ASCP. */
export function identityOf({ usePodIdentity = 'false', preferredAddressType = 'auto' }: Parameters): Identity {
  const pod = parseBoolean(usePodIdentity);
  const address = parseAddressType(preferredAddressType);
  if (!pod.ok || !pod.value) return { kind: 'web-identity' };
  return { kind: 'pod-identity', addressType: address.ok ? address.value : 'auto' };
}
