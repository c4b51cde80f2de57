/** One request in, one answer out: facts → decide → mutate a copy → patch. */
import { csiVolumes } from './csi.ts';
import { type Decision, decide, glance, type Known, type SkipReason, screen } from './decide.ts';
import { PREFIX } from './declare/annotations.ts';
import { checkSize } from './declare/check-size.ts';
import { classNames } from './declare/classes/classes.ts';
import type { CsiVolume } from './declare/provider-class.ts';
import { type Refusal, refusal } from './errors.ts';
import type { EnvFiles, Facts } from './facts.ts';
import { settle } from './mutate/carry.ts';
import { configOf } from './mutate/container/config.ts';
import { findOurs } from './mutate/container/container.ts';
import { hold } from './mutate/hold.ts';
import { mutate } from './mutate/mutate.ts';
import { CONTAINER, SENTINEL_CONTAINER } from './names.ts';
import { diff } from './patch.ts';
import { allowed, denied, patched, type Request, type Review } from './review.ts';
import type { AdmissionSettings } from './settings.ts';

export type Answer = {
  readonly review: Review;
  readonly outcome: 'injected' | 'unchanged' | 'skipped' | 'denied' | 'failed';
  /** A `SkipReason`, a `RefusalCode`, or why the pod was injected. */
  readonly reason: string;
  /** What made it fail; for the log. */
  readonly error?: unknown;
};

/** Never throws: what goes wrong is an answer too. */
export async function admit(request: Request, settings: AdmissionSettings, facts: Facts): Promise<Answer> {
  const skip = screen(request, settings);
  if (skip !== undefined || request.kind !== 'creation') return skipped(request.uid, skip ?? 'not-a-creation');
  const oversized = checkSize(request.pod.metadata.annotations ?? {});
  if (oversized) return refused(request.uid, [oversized]);
  const context = { request, settings, facts, volumes: csiVolumes(request.pod, settings.takeOverCsiVolumes) };
  try {
    const classes = await classesOf(context, false);
    const seen = guarded(() => glance(request.pod, context.volumes, classes));
    if (seen?.kind === 'hold') return guarded(() => held(request, settings));
    if (seen) return answerFor(request.uid, seen);
    const known = await ask(context, classes);
    const answer = judge(context, known);
    if (answer.outcome !== 'denied' || known.classes.size === 0) return answer;
    // A class may just have been made or corrected: nobody is refused from memory.
    return judge(context, { ...known, classes: await classesOf(context, true) });
  } catch (error) {
    return failed(request.uid, error);
  }
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

/** An error of our own, not of the cluster. */
class Defect extends Error {
  override name = 'Defect';
}

async function ask({ request, settings, facts }: Context, classes: Known['classes']): Promise<Known> {
  const { namespace, pod } = request;
  const serviceAccount = pod.spec.serviceAccountName || 'default';
  const isDelivered =
    classes.size > 0 || pod.metadata.annotations?.[`${PREFIX}env`] !== undefined || findOurs(pod)?.config.environment;
  const [found, region, envFiles] = await Promise.all([
    facts.roleOf(namespace, serviceAccount),
    settings.aws.region ?? facts.region(),
    isDelivered ? facts.envFiles() : NO_ENV_FILES,
  ]);
  return { namespace, serviceAccount, ...(found && { found }), region, classes, envFiles };
}

async function classesOf({ request, facts, volumes }: Context, live: boolean): Promise<Known['classes']> {
  const { namespace, pod } = request;
  const names = classNames(pod.metadata.annotations ?? {}, volumes);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await facts.classOf(namespace, name, live)] as const)),
  );
}

function judge({ request, settings, volumes }: Context, known: Known): Answer {
  return guarded(() => {
    const decision = decide(request.pod, volumes, known);
    return decision.kind === 'inject' ? inject(request, decision, known, settings) : answerFor(request.uid, decision);
  });
}

function answerFor(uid: string, decision: Exclude<Decision, { kind: 'inject' }>): Answer {
  return decision.kind === 'skip' ? skipped(uid, decision.reason) : refused(uid, decision.refusals);
}

/** What fails in here is a defect. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new Defect('failed at a pod', { cause });
  }
}

function held({ uid, pod }: Context['request'], settings: AdmissionSettings): Answer {
  const mutation = hold(pod, settings);
  if (!mutation.ok) return refused(uid, mutation.refusals);
  const patch = diff(pod, mutation.pod, OURS);
  const outcome = patch.length > 0 ? 'injected' : 'skipped';
  return { review: patched(uid, patch, mutation.warnings), outcome, reason: 'taken-over' };
}

function inject(
  { uid, pod, namespace }: Context['request'],
  { declaration, roleArn }: Decision & { kind: 'inject' },
  { classes, envFiles, region: ownRegion }: Known,
  settings: AdmissionSettings,
): Answer {
  const config = settle(pod, configOf({ pod, namespace, roleArn, declaration, ownRegion, settings, envFiles }));
  const unsynced = [...classes.values()].flatMap((one) => (one?.provider === 'aws' ? one.secretObjects : []));
  const mutation = mutate(pod, { declaration, config, settings, envFiles, unsynced });
  if (!mutation.ok) return refused(uid, mutation.refusals);
  const patch = diff(pod, mutation.pod, OURS);
  const outcome = patch.length > 0 ? 'injected' : 'unchanged';
  return { review: patched(uid, patch, mutation.warnings), outcome, reason: 'declared' };
}

function skipped(uid: string, reason: SkipReason): Answer {
  return { review: allowed(uid), outcome: 'skipped', reason };
}

function failed(uid: string, error: unknown): Answer {
  const isDefect = error instanceof Defect;
  const message = isDefect
    ? `The injector failed at this pod; its log says more about review ${uid}.`
    : 'The Kubernetes API did not tell the injector about the ServiceAccount, a SecretProviderClass, the nodes or the region: try again.';
  const failure = refusal(isDefect ? 'ASI_ADMIT_INTERNAL' : 'ASI_ADMIT_NOT_ANSWERING', message);
  return { ...refused(uid, [failure]), outcome: 'failed', error: isDefect ? error.cause : error };
}

function refused(uid: string, refusals: readonly Refusal[]): Answer {
  return { review: denied(uid, refusals), outcome: 'denied', reason: refusals[0]?.code ?? 'ASI_ADMIT_INTERNAL' };
}
