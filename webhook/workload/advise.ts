/** Says what will become of the pods of a workload, as if its controller created them now. */

import { isMembers } from '../../injector/contract/members.ts';
import { type Answer, admit } from '../admission/admit.ts';
import type { Facts } from '../admission/facts.ts';
import { echo } from '../declare/echo.ts';
import { warnOfLookalikes } from '../declare/lookalikes.ts';
import { asPod } from '../pod/pod.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type Described, type Found, findInValue, type Template } from './find.ts';
import { MISPLACED, misplacedIn } from './misplaced.ts';
import { podOf } from './pod.ts';
import type { WorkloadRequest } from './review.ts';

/** So many pod templates of one object are looked at. A workload of Kubernetes has one. */
const MOST_TEMPLATES = 8;

/**
 * Returns a warning for everything that the webhook would refuse the pods of a workload for, for everything that it would warn of,
 * and for annotations that no pod gets. It is empty if all is well, and if the cluster can not answer.
 */
export async function advise(
  { namespace, object }: WorkloadRequest,
  settings: AdmissionSettings,
  facts: Facts,
): Promise<string[]> {
  const found: Found = { objects: [], templates: [], described: [] };
  findInValue(object, undefined, found);
  const warnings = found.described.flatMap(warningsAbout);
  for (const template of found.templates.slice(0, MOST_TEMPLATES)) {
    const answer = await answerFor(template, namespace, settings, facts);
    if (answer) warnings.push(...warningsOf(template, answer));
  }
  return warnings;
}

/** Returns the warnings about annotations and labels that no pod gets. Those of the pods themselves are part of the webhook's answer. */
function warningsAbout(described: Described): string[] {
  const { owner, isPod, metadata } = described;
  const misplaced = misplacedIn(described).map(({ code, what }) => `${what} ${MISPLACED[code].fix} [${code}]`);
  const annotations = isMembers(metadata['annotations']) ? metadata['annotations'] : {};
  const lookalikes = isPod ? [] : warnOfLookalikes(annotations);
  return [...misplaced, ...lookalikes.map((warning) => `${owner.kind} ${echo(owner.name)}: ${warning}`)];
}

/** Returns the webhook's answer to a pod of the template; undefined if the API server will refuse the template in its own words. */
async function answerFor(
  template: Template,
  namespace: string,
  settings: AdmissionSettings,
  facts: Facts,
): Promise<Answer | undefined> {
  const read = asPod(podOf(template));
  if (!read.ok) return undefined;
  return admit({ uid: 'advice', kind: 'creation', namespace, user: '', pod: read.pod }, settings, facts);
}

function warningsOf({ owner }: Template, { outcome, refusals = [], review }: Answer): string[] {
  if (outcome === 'failed') return [];
  const workload = `${owner.kind} ${echo(owner.name)}`;
  return [
    ...refusals.map(
      ({ code, message }) => `aws-secrets-injector will refuse the pods of ${workload}: ${message} [${code}]`,
    ),
    ...(review.response.warnings ?? []).map((warning) => `${workload}: ${warning}`),
  ];
}
