/** The parameters of a SecretProviderClass that ASCP reads, and no others. */
import type { Declaration } from '../declaration.ts';
import { echo } from '../echo.ts';
import { bad, good, type Parsed } from '../parsed.ts';
import { pathTranslation } from '../paths.ts';
import { failoverProblem, type Place } from '../place.ts';
import { parseAddressType, parseBoolean, parseRegion } from '../values.ts';

const KEYS = [
  'objects',
  'region',
  'failoverRegion',
  'pathTranslation',
  'usePodIdentity',
  'preferredAddressType',
] as const;

export type Identity = Declaration['identity'];

export type Parameters = { readonly [key in (typeof KEYS)[number]]?: string };

/** What holds for all classes of a pod. */
export type Said = {
  /** Its annotations, as parameters. */
  readonly parameters: Parameters;
  /** The webhook's own region. */
  readonly region: string | undefined;
  readonly mode: string;
};

/** Returns the parameters of all layers. A later layer wins, and an empty text counts as none. */
export function overlay(...layers: readonly Readonly<Record<string, string>>[]): Parameters {
  const entries = KEYS.map((key) => {
    const texts = layers.map((layer) => (Object.hasOwn(layer, key) ? layer[key] : undefined));
    return [key, texts.findLast((text) => text !== undefined)] as const;
  });
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text !== '')) as Parameters;
}

/** Reads all parameters but `objects`. Returns the first problem in ASCP's order and words, with the fix. */
export function readParameters(parameters: Parameters, said: Said): Parsed<{ place: Place; identity: Identity }> {
  const region = parameters.region ?? said.region;
  if (region === undefined) {
    return bad(
      'failed to retrieve region from node. error Region not found; write the parameter region, or the chart value aws.region',
    );
  }
  const { failoverRegion } = parameters;
  for (const [key, text] of Object.entries({ region, failoverRegion })) {
    const parsed = text === undefined ? good('') : parseRegion(text);
    if (!parsed.ok) return bad(`${key} "${echo(text ?? '')}" ${parsed.problem}`);
  }
  const same = failoverProblem(region, failoverRegion);
  if (same !== undefined) return bad(same);
  const pod = parseBoolean(parameters.usePodIdentity ?? 'false');
  if (!pod.ok) {
    return bad(
      `failed to parse usePodIdentity value, error: "${echo(parameters.usePodIdentity ?? '')}" ${pod.problem}`,
    );
  }
  const translation = pathTranslation(parameters.pathTranslation);
  if (!translation.ok) return translation;
  const place = { region, failoverRegion, translation: translation.value, mode: said.mode };
  return good({ place, identity: identityOf(parameters) });
}

/** Returns whose credentials are used, for parameters with a valid `usePodIdentity`. An unknown address type is `auto`, as in ASCP. */
export function identityOf({ usePodIdentity = 'false', preferredAddressType = 'auto' }: Parameters): Identity {
  const pod = parseBoolean(usePodIdentity);
  const address = parseAddressType(preferredAddressType);
  if (!pod.ok || !pod.value) return { kind: 'web-identity' };
  return { kind: 'pod-identity', addressType: address.ok ? address.value : 'auto' };
}
