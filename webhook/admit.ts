/** One request in, one answer out: facts → decide → mutate a copy → patch. */
import { decide, screen } from './decide.ts';
import { Refusal } from './errors.ts';
import type { Facts } from './facts.ts';
import { configOf } from './mutate/config.ts';
import { mutate } from './mutate/mutate.ts';
import { CONTAINER } from './names.ts';
import { diff } from './patch.ts';
import type { Pod } from './pod.ts';
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
  const skip = screen(request, settings.namespace);
  if (skip !== undefined || request.kind !== 'creation') {
    return { review: allowed(request.uid), outcome: 'skipped', reason: skip ?? 'not-a-creation' };
  }
  let known: Known;
  try {
    known = await ask(request.pod, request.namespace, settings, facts);
  } catch (error) {
    const message = 'The Kubernetes API did not tell the injector about the ServiceAccount or the region: try again.';
    return { ...refused(request.uid, [new Refusal('ASI_ADMIT_NOT_ANSWERING', message)]), outcome: 'failed', error };
  }
  try {
    return judge(request, known, settings);
  } catch (error) {
    const message = `The injector failed at this pod; its log says more about review ${request.uid}.`;
    return { ...refused(request.uid, [new Refusal('ASI_ADMIT_INTERNAL', message)]), outcome: 'failed', error };
  }
}

type Known = Awaited<ReturnType<typeof ask>>;

async function ask(pod: Pod, namespace: string, settings: AdmissionSettings, facts: Facts) {
  const serviceAccount = pod.spec.serviceAccountName || 'default';
  const [found, region] = await Promise.all([
    facts.roleOf(namespace, serviceAccount),
    settings.aws.region ?? facts.region(),
  ]);
  return { identity: { namespace, serviceAccount, ...(found && { found }) }, region };
}

function judge(
  request: Request & { kind: 'creation' },
  { identity, region }: Known,
  settings: AdmissionSettings,
): Answer {
  const { uid, pod, namespace } = request;
  const decision = decide(pod, identity, region);
  if (decision.kind === 'deny') return refused(uid, decision.refusals);
  const { declaration, roleArn } = decision;
  const config = configOf({ pod, namespace, roleArn, declaration, settings });
  const mutation = mutate(pod, { declaration, config, settings });
  if (!mutation.ok) return refused(uid, mutation.refusals);
  const patch = diff(pod, mutation.pod, CONTAINER);
  const outcome = patch.length > 0 ? 'injected' : 'unchanged';
  return { review: patched(uid, patch, mutation.warnings), outcome, reason: 'declared' };
}

function refused(uid: string, refusals: readonly Refusal[]): Answer {
  return { review: denied(uid, refusals), outcome: 'denied', reason: refusals[0]?.code ?? 'ASI_ADMIT_INTERNAL' };
}
