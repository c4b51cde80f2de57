/**
 * Replaces a pod's references to the Secrets of ExternalSecrets by annotations, which then are read as if the pod had come with
 * them. The patch writes them into the pod: so a second pass finds an ordinary pod without these references.
 */
import jsonPatch from 'fast-json-patch';
import { ownAnnotations, PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import { err, type Result } from '../declare/result.ts';
import { shorten } from '../declare/shorten.ts';
import { parseExternalSecrets, parseInterval } from '../declare/values.ts';
import { type Refusal, refusal } from '../errors.ts';
import { readExternalSecret, refreshInterval } from '../external-secrets/external-secret.ts';
import { type Plan, planPod } from '../external-secrets/plan.ts';
import { storesOf } from '../external-secrets/references.ts';
import type { Production } from '../external-secrets/secret.ts';
import { accountOf, readStore, type Store, type StoreKind } from '../external-secrets/store.ts';
import { modeOfNumber } from '../external-secrets/volumes.ts';
import type { AdmissionSettings } from '../settings.ts';
import type { Candidate } from './candidate.ts';
import type { External, ExternalFacts } from './facts.ts';

/** The annotation, without the prefix. */
const ANNOTATION = 'external-secret';

/** The ExternalSecrets of a pod may name so many stores, so that what is read for a pod is bounded. */
const MOST_STORES = 16;

/** The ExternalSecrets that a pod names, and their stores, as the cluster has them. */
export type Externals = {
  readonly secrets: ReadonlyMap<string, External | undefined>;
  /** By the kind and the name. */
  readonly stores: ReadonlyMap<string, External | undefined>;
};

/** The pod with annotations in place of its references, or everything that is wrong with them. */
export type Replacement =
  | { readonly ok: true; readonly candidate: Candidate; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Returns the names in the annotation; none if it is absent or can not be read, which `declare` refuses. */
export function externalNames({ annotations }: Pick<Candidate, 'annotations'>): readonly string[] {
  const text = annotations[PREFIX + ANNOTATION];
  const parsed = text === undefined ? undefined : parseExternalSecrets(text);
  return parsed?.ok ? parsed.value : [];
}

/** Reads the ExternalSecrets of these names, and the stores that they name. `live` asks the API server and not the cache. */
export async function readExternals(
  namespace: string,
  names: readonly string[],
  facts: ExternalFacts,
  live: boolean,
): Promise<Externals> {
  const secrets = await Promise.all(
    names.map(async (name) => [name, await facts.externalSecretOf(namespace, name, live)] as const),
  );
  const named = secrets.flatMap(([, secret]) => storesOf(secret?.spec));
  const wanted = [...new Map(named.map((one) => [keyOf(one.kind, one.name), one]))].slice(0, MOST_STORES);
  const stores = await Promise.all(
    wanted.map(async ([key, { kind, name }]) => [key, await facts.storeOf(kind, namespace, name, live)] as const),
  );
  return { secrets: new Map(secrets), stores: new Map(stores) };
}

/** Holds everything that a replacement needs besides the pod. */
export type Surroundings = {
  readonly namespace: string;
  /** The region of the cluster; undefined if it is not known. */
  readonly region: string | undefined;
  /** True if the API server knows variables from files. */
  readonly byKubelet: boolean;
  readonly settings: AdmissionSettings;
  /** True if the pod does not name the ExternalSecrets itself. */
  readonly isFound: boolean;
};

/** Returns the candidate as if its pod named these ExternalSecrets in the annotation. */
export function withExternalNames({ pod, annotations, ...others }: Candidate, names: readonly string[]): Candidate {
  const named = { ...annotations, [PREFIX + ANNOTATION]: names.join(',') };
  return { ...others, pod: { ...pod, metadata: { ...pod.metadata, annotations: named } }, annotations: named };
}

/** Returns the pod with annotations that declare the values, in place of its references to the Secrets of the ExternalSecrets. */
export function replaceSecrets(candidate: Candidate, externals: Externals, around: Surroundings): Replacement {
  const { secrets, stores } = externals;
  const { namespace, region, byKubelet, settings, isFound } = around;
  const refuse = refuserOf(isFound);
  if (settings.takeOverExternalSecrets === 'never') return { ok: false, refusals: [refuse(SWITCHED_OFF)] };
  const missing = [
    ...absentIn(secrets).map((name) => `ExternalSecret ${name} in the namespace ${echo(namespace)}`),
    ...absentIn(stores).map((key) => `${echo(key)}, which an ExternalSecret of the pod names`),
  ];
  if (missing.length > 0) return { ok: false, refusals: missing.map((what) => refuseMissing(what, isFound)) };
  const own = ownAnnotations(candidate.annotations);
  const productions = productionsOf(externals);
  const used = new Set<string>();
  const find = (name: string) => {
    const production = productions.get(name);
    if (production) used.add(name);
    return production;
  };
  const plan = planPod(candidate.pod, {
    find,
    readMode: modeOfNumber,
    others: new Map(),
    region: own.get('region') ?? region,
    shell: !byKubelet || own.get('env-delivery') === 'shell',
    own,
  });
  // In a second pass, the annotations have taken the place of all references.
  const unused = candidate.previous ? [] : [...productions.keys()].filter((name) => !used.has(name));
  const annotations = { ...plan.annotations, ...rotationOf(own, secrets, settings) };
  const reasons = [
    ...plan.reasons,
    ...unused.map((name) => `no container and no volume of the pod refers to the Secret "${echo(name)}"`),
    ...(plan.patch.length > 0 ? [...(candidate.previous ? [LATER] : []), ...nothingOfAws(plan)] : []),
  ];
  if (reasons.length > 0) return { ok: false, refusals: shorten(reasons.map(refuse)) };
  if (plan.patch.length === 0) return { ok: true, candidate, warnings: [] };
  return {
    ok: true,
    candidate: annotated(candidate, plan, annotations),
    warnings: [...plan.notes, ...otherAccounts(candidate, stores, namespace)],
  };
}

const LATER =
  'another webhook added a reference to the Secret after the pod was injected; let that webhook run before this one, or write the reference into the pod template';

const SWITCHED_OFF =
  'the chart value takeOverExternalSecrets is never; take the annotation out, so that the pod gets the Secret of the operator, or set it to annotated';

/** Returns a function that makes the refusal for a reason. It says how a pod got here that names no ExternalSecret itself. */
function refuserOf(isFound: boolean): (reason: string) => Refusal {
  const end = isFound ? `; ${FOUND}` : '';
  return (reason) =>
    refusal('ASI_ADMIT_EXTERNAL_SECRET', `${ANNOTATION}: ${reason.replace(isFound ? /\.$/ : '', '')}${end}`);
}

const FOUND = `the chart value takeOverExternalSecrets is all, and ${PREFIX}inject: "false" leaves the pod its Secrets`;

function absentIn(objects: ReadonlyMap<string, External | undefined>): string[] {
  return [...objects].flatMap(([key, object]) => (object === undefined ? [key] : []));
}

function refuseMissing(what: string, isFound: boolean): Refusal {
  const message = `${ANNOTATION}: there is no ${what}; create it, or correct the name${isFound ? `; ${FOUND}` : ''}`;
  return refusal('ASI_ADMIT_NO_EXTERNAL_SECRET', message);
}

/** Returns the Secrets that the ExternalSecrets make, by the names of the Secrets. */
function productionsOf({ secrets, stores }: Externals): ReadonlyMap<string, Production> {
  const findStore = (kind: StoreKind, name: string): Result<Store> => {
    const found = stores.get(keyOf(kind, name));
    if (found === undefined) return err(`the ExternalSecrets name more than ${MOST_STORES} stores`);
    const read = found.isTooLong ? err('it is too long to be read') : readStore(found.spec);
    return read.ok ? read : err(`the ${kind} ${echo(name)} has no counterpart: ${read.problem}`);
  };
  const productions = new Map<string, Production>();
  const makers = new Map<string, readonly string[]>();
  for (const [name, secret] of secrets) {
    const production: Production = secret?.isTooLong
      ? { ok: false, name, reason: `The ExternalSecret ${name} is too long to be read.` }
      : readExternalSecret(name, secret?.spec, findStore);
    const made = production.ok ? production.secret.name : production.name;
    const others = makers.get(made) ?? [];
    makers.set(made, [...others, name]);
    const reason = `The ExternalSecrets ${[...others, name].join(' and ')} make it together.`;
    productions.set(made, others.length > 0 ? { ok: false, name: made, reason } : production);
  }
  return productions;
}

function nothingOfAws({ annotations, reasons }: Plan): string[] {
  return Object.keys(annotations).length > 0 || reasons.length > 0
    ? []
    : ['nothing that the pod refers to comes from AWS'];
}

/** Returns the rotation of a pod that names none, in a cluster where rotation is on: as often as the operator reads AWS again. */
function rotationOf(
  own: ReadonlyMap<string, string>,
  secrets: Externals['secrets'],
  { injector }: AdmissionSettings,
): Readonly<Record<string, string>> {
  if (injector.rotation === undefined || own.has('rotation')) return {};
  const intervals = [...secrets.values()].flatMap((secret) => {
    const text = refreshInterval(secret?.spec);
    const parsed = text === undefined ? undefined : parseInterval(text);
    return parsed?.ok ? [parsed.value] : [];
  });
  return intervals.length === 0 ? {} : { [`${PREFIX}rotation`]: `${Math.min(...intervals)}s` };
}

function annotated({ pod, ...others }: Candidate, { patch }: Plan, added: Readonly<Record<string, string>>): Candidate {
  const { newDocument } = jsonPatch.applyPatch(pod, patch, false, false);
  const annotations = { ...newDocument.metadata.annotations, ...added };
  return { ...others, pod: { ...newDocument, metadata: { ...newDocument.metadata, annotations } }, annotations };
}

/** Returns a warning for each store that is read as another ServiceAccount than that of the pod. */
function otherAccounts({ pod }: Candidate, stores: Externals['stores'], namespace: string): string[] {
  const own = `${namespace}/${pod.spec.serviceAccountName || 'default'}`;
  return [...stores].flatMap(([key, store]) => {
    const account = accountOf(store?.spec);
    if (account === undefined) return [];
    const other = `${account.namespace ?? namespace}/${account.name}`;
    return other === own
      ? []
      : [
          `${ANNOTATION}: External Secrets reads the ${echo(key)} as the ServiceAccount ${echo(other)}; this pod reads with the role of its own, ${echo(own)}`,
        ];
  });
}

/** Returns the key of a store among {@link Externals}. */
export function keyOf(kind: StoreKind, name: string): string {
  return `${kind} ${name}`;
}
