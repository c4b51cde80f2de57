/** Answers a review: asks the cluster, decides, changes a copy of the pod, and returns the difference as a patch. */
import { PREFIX } from '../declare/annotations.ts';
import { checkSize } from '../declare/check-size.ts';
import { classNames } from '../declare/classes/classes.ts';
import { echo } from '../declare/echo.ts';
import type { CsiVolume } from '../declare/provider-class.ts';
import { type Refusal, refusal } from '../errors.ts';
import { configOf } from '../mutate/container/config.ts';
import { findOurs } from '../mutate/container/container.ts';
import { type Mutation, mutate } from '../mutate/mutate.ts';
import { CONTAINER, SENTINEL_CONTAINER } from '../pod/names.ts';
import { diff, encodePatch } from '../pod/patch.ts';
import { settle } from '../reinvocation/keep-previous.ts';
import { hold } from '../reinvocation/reapply.ts';
import type { AdmissionSettings } from '../settings.ts';
import { checkCounts, patchTooLarge } from './bounds.ts';
import { csiVolumes } from './csi.ts';
import { type Decision, decide, type Known, precheck, type SkipReason, skipReason } from './decide.ts';
import type { EnvFiles, Facts } from './facts.ts';
import { allowed, denied, patched, type Request, type Review } from './review.ts';

export type Answer = {
  readonly review: Review;
  readonly outcome: 'injected' | 'unchanged' | 'skipped' | 'denied' | 'failed';
  /** A `SkipReason`, a `RefusalCode`, or why the pod was injected. */
  readonly reason: string;
  /** What made it fail; for the log. */
  readonly error?: unknown;
};

/** Returns the answer to a request. Never throws: a failure is an answer too, of the cluster or of our own. */
export async function admit(request: Request, settings: AdmissionSettings, facts: Facts): Promise<Answer> {
  try {
    const skip = skipReason(request, settings);
    if (skip !== undefined || request.kind !== 'creation') return skipped(request.uid, skip ?? 'not-a-creation');
    const volumes = csiVolumes(request.pod, settings.takeOverCsiVolumes);
    return await answerForPod({ request, settings, facts, volumes });
  } catch (error) {
    return failed(request.uid, error);
  }
}

async function answerForPod(context: Context): Promise<Answer> {
  const { request, volumes } = context;
  const { pod, uid } = request;
  const oversized = checkSize(pod.metadata.annotations ?? {}) ?? checkCounts(pod, volumes.length);
  if (oversized) return refused(uid, [oversized]);
  const classes = await classesOf(context, false);
  const early = precheck(pod, volumes, classes);
  if (early?.kind === 'hold') {
    return answerForMutation(context, hold(pod, context.settings), { done: 'taken-over', idle: 'skipped' });
  }
  if (early) return answerForDecision(uid, early);
  const known = await ask(context, classes);
  const answer = judge(context, known);
  if (answer.outcome !== 'denied' || known.classes.size === 0) return answer;
  // A class may just have been made or corrected: nobody is refused from memory.
  return judge(context, { ...known, classes: await classesOf(context, true) });
}

const OURS = [CONTAINER, SENTINEL_CONTAINER];

type Context = {
  readonly request: Request & { kind: 'creation' };
  readonly settings: AdmissionSettings;
  readonly facts: Facts;
  /** Those that may be taken over. */
  readonly volumes: readonly CsiVolume[];
};

/** What is not asked for, as nothing needs it. */
const NO_ENV_FILES: EnvFiles = { serverVersion: 'unknown', server: false, everyNode: false };

/** The API server or the network failed, and not the webhook. */
class ClusterError extends Error {
  override name = 'ClusterError';
}

/** Asks the cluster. Whatever else is thrown in this file is a defect of ours. */
async function asking<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    throw new ClusterError('the cluster did not answer', { cause });
  }
}

async function ask({ request, settings, facts }: Context, classes: Known['classes']): Promise<Known> {
  const { namespace, pod } = request;
  const serviceAccount = pod.spec.serviceAccountName || 'default';
  const isDelivered =
    classes.size > 0 || pod.metadata.annotations?.[`${PREFIX}env`] !== undefined || findOurs(pod)?.config.environment;
  const [found, region, envFiles] = await Promise.all([
    asking(() => facts.roleOf(namespace, serviceAccount)),
    settings.aws.region ?? asking(() => facts.region()),
    isDelivered ? asking(() => facts.envFiles()) : NO_ENV_FILES,
  ]);
  return { namespace, serviceAccount, ...(found && { found }), region, classes, envFiles };
}

async function classesOf({ request, facts, volumes }: Context, live: boolean): Promise<Known['classes']> {
  const { namespace, pod } = request;
  const names = classNames(pod.metadata.annotations ?? {}, volumes);
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await asking(() => facts.classOf(namespace, name, live))] as const),
    ),
  );
}

function judge(context: Context, known: Known): Answer {
  const { request, volumes } = context;
  const decision = decide(request.pod, volumes, known);
  return decision.kind === 'inject' ? inject(context, decision, known) : answerForDecision(request.uid, decision);
}

function answerForDecision(uid: string, decision: Exclude<Decision, { kind: 'inject' }>): Answer {
  return decision.kind === 'skip' ? skipped(uid, decision.reason) : refused(uid, decision.refusals);
}

function inject(
  context: Context,
  { declaration, roleArn }: Decision & { kind: 'inject' },
  { classes, envFiles, region: ownRegion }: Known,
): Answer {
  const { settings } = context;
  const { pod, namespace } = context.request;
  const config = settle(pod, configOf({ pod, namespace, roleArn, declaration, ownRegion, settings, envFiles }));
  const unsynced = [...classes.values()].flatMap((one) => (one?.provider === 'aws' ? one.secretObjects : []));
  const mutation = mutate(pod, { declaration, config, settings, envFiles, unsynced });
  return answerForMutation(context, mutation, { done: 'declared', idle: 'unchanged' });
}

/** `done` is the reason of the injection; `idle` is the outcome where nothing is to be changed. */
function answerForMutation(
  { request: { uid, pod } }: Context,
  mutation: Mutation,
  { done, idle }: { readonly done: string; readonly idle: 'unchanged' | 'skipped' },
): Answer {
  if (!mutation.ok) return refused(uid, mutation.refusals);
  const patch = encodePatch(diff(pod, mutation.pod, OURS));
  if (patch === 'too-large') return refused(uid, [patchTooLarge()]);
  const outcome = patch === undefined ? idle : 'injected';
  return { review: patched(uid, patch, mutation.warnings), outcome, reason: done };
}

function skipped(uid: string, reason: SkipReason): Answer {
  return { review: allowed(uid), outcome: 'skipped', reason };
}

function failed(uid: string, error: unknown): Answer {
  const isCluster = error instanceof ClusterError;
  const message = isCluster
    ? 'The Kubernetes API did not tell the injector about the ServiceAccount, a SecretProviderClass, the nodes or the region: try again.'
    : `The injector failed at this pod; its log says more about review ${echo(uid)}.`;
  const failure = refusal(isCluster ? 'ASI_ADMIT_NOT_ANSWERING' : 'ASI_ADMIT_INTERNAL', message);
  return { ...refused(uid, [failure]), outcome: 'failed', error: isCluster ? error.cause : error };
}

function refused(uid: string, refusals: readonly Refusal[]): Answer {
  return { review: denied(uid, refusals), outcome: 'denied', reason: refusals[0]?.code ?? 'ASI_ADMIT_INTERNAL' };
}
