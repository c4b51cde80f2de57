/** Answers a review: asks the cluster, decides, changes a copy of the pod, and returns the difference as a patch. */
import { PREFIX } from '../declare/annotations.ts';
import { checkSize } from '../declare/checks.ts';
import { classNames } from '../declare/classes/classes.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { warnOfLookalikes, warnOfNothing } from '../declare/lookalikes.ts';
import { REFUSALS, type Refusal, refusal } from '../errors.ts';
import { makeConfig } from '../mutate/container/config.ts';
import type { EnvFiles } from '../mutate/environment/variables.ts';
import { type Mutation, mutate } from '../mutate/mutate.ts';
import { actionOf, type RotationAction } from '../mutate/rotation.ts';
import { encodePatch } from '../pod/encode-patch.ts';
import { CONTAINER, SENTINEL_CONTAINER } from '../pod/names.ts';
import { diff } from '../pod/patch.ts';
import { keepConfig } from '../reinvocation/keep-previous.ts';
import type { Previous } from '../reinvocation/previous.ts';
import { reapply } from '../reinvocation/reapply.ts';
import type { AdmissionSettings } from '../settings.ts';
import { checkCounts, refusePatch } from './bounds.ts';
import { type Candidate, readCandidate } from './candidate.ts';
import { type Classes, decide, decideAgain, type Injection, type Known, precheck } from './decide.ts';
import { externalNames, readExternals, replaceSecrets, withExternalNames } from './external-secrets.ts';
import type { Facts } from './facts.ts';
import { findExternalSecrets, secretsToServe } from './find-external-secrets.ts';
import { RESTART_ALL_CONTAINERS, SIDECARS } from './kubernetes-version.ts';
import { allowed, denied, patched, type Request, type Review } from './review.ts';
import { type SkipReason, skipReason } from './skip.ts';

export type Answer = {
  readonly review: Review;
  readonly outcome: 'injected' | 'unchanged' | 'skipped' | 'denied' | 'failed';
  /** A `SkipReason`, a `RefusalCode`, `declared`, or one of a pod that has the injection already: `reinvocation` or `taken-over`. */
  readonly reason: string;
  /** Everything that is wrong with a denied pod. The review quotes only the first ones of many. */
  readonly refusals?: readonly Refusal[];
  /** Says what happens after a change, for a pod that was injected for the first time; absent if its secrets are read once. */
  readonly rotation?: RotationAction;
  /** The error behind the outcome `failed`, for the log. */
  readonly error?: unknown;
};

/**
 * Returns the answer to a request. It never throws: a failure of the cluster or a defect of our own is an answer too.
 */
export async function admit(request: Request, settings: AdmissionSettings, facts: Facts): Promise<Answer> {
  try {
    if (request.kind === 'other') return skipped(request.uid, 'not-a-creation');
    if (request.kind === 'no-containers') return skipped(request.uid, 'no-containers');
    const own = readCandidate(request.pod, settings.takeOverCsiVolumes);
    const { namespace } = request;
    const secrets = secretsToServe(own, settings);
    const found = secrets.length > 0 ? await ask(() => findExternalSecrets(namespace, secrets, facts)) : [];
    const candidate = found.length > 0 ? withExternalNames(own, found) : own;
    const skip = skipReason(candidate, request, settings);
    if (skip === 'nothing-declared') return skipped(request.uid, skip, warnOfSilence(candidate));
    if (skip !== undefined) return skipped(request.uid, skip);
    return await answerForPod({ request, settings, facts, candidate, isFound: found.length > 0, warnings: [] });
  } catch (error) {
    return failed(request.uid, error);
  }
}

type Admission = {
  readonly request: Request & { kind: 'creation' };
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  readonly candidate: Candidate;
  /** True if the candidate names ExternalSecrets that its pod does not name itself. */
  readonly isFound: boolean;
  /** The warnings about the ExternalSecrets of the pod. */
  readonly warnings: readonly string[];
};

async function answerForPod(admission: Admission): Promise<Answer> {
  const { request, candidate } = admission;
  const { pod, annotations, volumes } = candidate;
  const oversized = checkSize(annotations) ?? checkCounts(pod, volumes.length);
  if (oversized) return refused(request.uid, [oversized]);
  const names = externalNames(candidate);
  if (names.length === 0) return answerForDeclared(admission);
  const answer = await answerForExternal(admission, names, false);
  // An ExternalSecret or a store may just have been made or corrected: nobody is refused from the cache.
  return answer.outcome === 'denied' ? answerForExternal(admission, names, true) : answer;
}

/** Answers for a pod after its references to the Secrets of these ExternalSecrets were replaced by annotations. */
async function answerForExternal(admission: Admission, names: readonly string[], live: boolean): Promise<Answer> {
  const { request, settings, facts, candidate, isFound } = admission;
  const { namespace } = request;
  const [externals, region, envFiles] = await Promise.all([
    ask(() => readExternals(namespace, names, facts, live)),
    settings.aws.region ?? ask(() => facts.region()),
    ask(() => facts.envFiles()),
  ]);
  const around = { namespace, region, byKubelet: envFiles.server, settings, isFound };
  const replaced = replaceSecrets(candidate, externals, around);
  if (!replaced.ok) return refused(request.uid, replaced.refusals);
  return answerForDeclared({ ...admission, candidate: replaced.candidate, warnings: replaced.warnings });
}

async function answerForDeclared(admission: Admission): Promise<Answer> {
  const { request, candidate } = admission;
  const names = classNames(candidate.annotations, candidate.volumes);
  const classes = names.length === 0 ? NO_CLASSES : await readClasses(admission, names, false);
  const early = precheck(candidate, classes);
  if (early?.kind === 'skip') return skipped(request.uid, early.reason);
  if (early?.kind === 'deny') return refused(request.uid, early.refusals);
  const known = await readCluster(admission, classes);
  if (early) return applyAgain(admission, early.previous, known);
  const answer = decideAndInject(admission, known);
  if (answer.outcome !== 'denied' || known.classes.size === 0) return answer;
  // A class may just have been made or corrected: nobody is refused from the cache.
  return decideAndInject(admission, { ...known, classes: await readClasses(admission, names, true) });
}

/** A pod without variables from files gets this: the versions of the API server and the nodes do not matter then. */
const NO_ENV_FILES: EnvFiles = { serverVersion: 'unknown', server: false, everyNode: false };

/** Says that the API server or the network failed, and not the webhook. */
class ClusterError extends Error {
  override name = 'ClusterError';
}

/** Throws a `ClusterError` if the cluster does not answer. Any other error in this file is a defect of the webhook. */
async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    throw new ClusterError('the cluster did not answer', { cause });
  }
}

/** Reads all at once what the decision needs of the cluster beside the classes. */
async function readCluster({ request, settings, facts, candidate }: Admission, classes: Classes): Promise<Known> {
  const { namespace } = request;
  const { pod, annotations, previous } = candidate;
  const serviceAccountName = pod.spec.serviceAccountName || 'default';
  const hasVariables =
    classes.size > 0 || annotations[`${PREFIX}env`] !== undefined || previous?.config.environment !== undefined;
  const rotates = settings.injector.rotation !== undefined || annotations[`${PREFIX}rotation`] !== undefined;
  const needed = annotations[`${PREFIX}rotation-restart`] === 'pod' ? RESTART_ALL_CONTAINERS : SIDECARS;
  const [serviceAccount, region, envFiles, serverVersion] = await Promise.all([
    ask(() => facts.roleOf(namespace, serviceAccountName)),
    settings.aws.region ?? ask(() => facts.region()),
    hasVariables ? ask(() => facts.envFiles()) : NO_ENV_FILES,
    rotates ? ask(() => facts.serverVersion(needed)) : undefined,
  ]);
  const syncs = settings.syncSecrets === 'byPod';
  return { namespace, serviceAccountName, serviceAccount, region, classes, envFiles, serverVersion, syncs };
}

const NO_CLASSES: Classes = new Map();

/** Reads the classes of these names; `live` asks the API server and not the cache. */
async function readClasses({ request, facts }: Admission, names: readonly string[], live: boolean): Promise<Classes> {
  const { namespace } = request;
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await ask(() => facts.classOf(namespace, name, live))] as const),
    ),
  );
}

function decideAndInject(admission: Admission, known: Known): Answer {
  const decision = decide(admission.candidate, known);
  return decision.kind === 'inject'
    ? inject(admission, decision, known)
    : refused(admission.request.uid, decision.refusals);
}

function inject(admission: Admission, { declaration: declared, role }: Injection, known: Known): Answer {
  const declaration = withWarnings(declared, admission.warnings);
  const { settings, candidate } = admission;
  const { pod, previous } = candidate;
  const { namespace, classes, envFiles, region: ownRegion, serverVersion } = known;
  const made = makeConfig({ pod, namespace, role, declaration, ownRegion, settings, envFiles });
  const config = keepConfig(made, previous);
  const all = [...classes.values()].flatMap((one) => (one?.provider === 'aws' ? one.secretObjects : []));
  // The pod itself makes them all.
  const unsynced = declaration.secrets ? [] : all;
  const mutation = mutate(pod, { declaration, config, previous, settings, envFiles, serverVersion, unsynced });
  const answer = answerForMutation(admission, mutation, {
    done: previous ? 'reinvocation' : 'declared',
    idle: 'unchanged',
  });
  const isNew = answer.outcome === 'injected' && !previous;
  return isNew && config.rotation ? { ...answer, rotation: actionOf(config.rotation) } : answer;
}

/** Returns the declaration with warnings before its own, so that the status of the pod has them, too. */
function withWarnings(declaration: Declaration, warnings: readonly string[]): Declaration {
  if (warnings.length === 0) return declaration;
  return { ...declaration, warnings: [...warnings, ...(declaration.warnings ?? [])] };
}

function applyAgain(admission: Admission, previous: Previous, known: Known): Answer {
  const { request, settings, candidate } = admission;
  const decision = decideAgain(candidate.pod, previous, known);
  if ('kind' in decision) return refused(request.uid, decision.refusals);
  const { namespace, region: ownRegion } = known;
  const mutation = reapply(candidate.pod, previous, { namespace, ownRegion, settings, role: decision.role });
  return answerForMutation(admission, mutation, { done: 'taken-over', idle: 'skipped' });
}

/** `done` is the reason of the answer; `idle` is its outcome if the pod needs no change. */
function answerForMutation(
  { request: { uid, pod } }: Admission,
  mutation: Mutation,
  { done, idle }: { readonly done: string; readonly idle: 'unchanged' | 'skipped' },
): Answer {
  if (!mutation.ok) return refused(uid, mutation.refusals);
  const patch = encodePatch(diff(pod, mutation.pod, [CONTAINER, SENTINEL_CONTAINER]));
  if (patch === 'too-large') return refused(uid, [refusePatch()]);
  const outcome = patch === undefined ? idle : 'injected';
  return { review: patched(uid, patch, mutation.warnings), outcome, reason: done };
}

function skipped(uid: string, reason: SkipReason, warnings: readonly string[] = []): Answer {
  return { review: allowed(uid, warnings), outcome: 'skipped', reason };
}

/** Returns the warnings about a pod that declares nothing, although its author seems to believe that it does. */
function warnOfSilence({ annotations, inject }: Candidate): string[] {
  return [...warnOfLookalikes(annotations), ...warnOfNothing(inject)];
}

function failed(uid: string, error: unknown): Answer {
  const isCluster = error instanceof ClusterError;
  const failure = isCluster
    ? refusal('ASI_ADMIT_NOT_ANSWERING')
    : refusal(
        'ASI_ADMIT_INTERNAL',
        `${REFUSALS.ASI_ADMIT_INTERNAL.cause} ${REFUSALS.ASI_ADMIT_INTERNAL.fix} The review is ${echo(uid)}.`,
      );
  return { ...refused(uid, [failure]), outcome: 'failed', error: isCluster ? error.cause : error };
}

function refused(uid: string, refusals: readonly Refusal[]): Answer {
  return {
    review: denied(uid, refusals),
    outcome: 'denied',
    reason: refusals[0]?.code ?? 'ASI_ADMIT_INTERNAL',
    refusals,
  };
}
