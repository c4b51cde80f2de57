/** Judges the installation of the webhook: its registration at the API server, its Deployment and the policy behind it. */
import type { Answer } from '../cluster/cluster.ts';
import { type Installation, NAME } from '../cluster/installation.ts';
import type { Deployment, WebhookConfiguration } from '../cluster/objects.ts';
import { type Item, note, ok, problem, unseen } from './items.ts';

const INSTALL = `Install the chart: helm upgrade --install ${NAME} … -n ${NAME} --create-namespace`;

/** Judges whether the API server knows the webhook. */
export function judgeRegistration(configuration: Answer<WebhookConfiguration>): Item {
  const name = 'webhook-registered';
  if (configuration.kind === 'unknown') return unseen(name, configuration.why);
  if (configuration.kind === 'absent') {
    return problem(name, `There is no MutatingWebhookConfiguration ${NAME}.`, INSTALL);
  }
  const policy = configuration.value.webhooks?.[0]?.failurePolicy;
  return policy === 'Ignore'
    ? note(
        name,
        'The API server knows the webhook. Its failurePolicy is Ignore: without an answer, pods start without their secrets.',
        'Set the chart value failurePolicy to Fail.',
      )
    : ok(name, 'The API server knows the webhook, and creates no pod without its answer.');
}

/** Judges, before an installation, that the cluster has none. */
export function judgeNothingInstalled(configuration: Answer<WebhookConfiguration>): Item {
  const name = 'not-installed-yet';
  if (configuration.kind === 'unknown') return unseen(name, configuration.why);
  if (configuration.kind === 'absent') return ok(name, 'The cluster has no installation yet.');
  return note(name, 'The webhook is installed already; one cluster has one.', 'Check it without --pre.');
}

/** Judges the Deployment. `version` is that of this program. */
export function judgeDeployment({ namespace, deployment }: Installation, version: string): Item[] {
  const name = 'webhook-running';
  if (namespace === undefined) return [unseen(name, 'nobody knows its namespace without the configuration.')];
  if (deployment.kind === 'unknown') return [unseen(name, deployment.why)];
  if (deployment.kind === 'absent') {
    return [problem(name, `There is no Deployment ${NAME} in the namespace ${namespace}.`, INSTALL)];
  }
  return [judgeReplicas(deployment.value, namespace), judgeImage(deployment.value, version)];
}

function judgeReplicas({ metadata, spec, status = {} }: Deployment, namespace: string): Item {
  const name = 'webhook-running';
  const { replicas: wanted = 1 } = spec;
  const { readyReplicas: ready = 0, updatedReplicas: updated = 0 } = status;
  const isSeen = metadata.generation === undefined || status.observedGeneration === metadata.generation;
  const text = `${ready} of ${wanted} replicas are ready`;
  if (wanted === 0) {
    return problem(
      name,
      'The Deployment has no replicas.',
      `kubectl scale deployment -n ${namespace} ${NAME} --replicas=2`,
    );
  }
  if (ready === 0) {
    const fix = `See why: kubectl describe pods -n ${namespace} -l app.kubernetes.io/name=${NAME}`;
    return problem(name, `${text}.`, fix);
  }
  if (ready < wanted || updated < wanted || !isSeen) {
    return note(name, `${text}, ${updated} of them of the newest version.`, 'Wait for it by --wait.');
  }
  return ok(name, `${text}.`);
}

function judgeImage({ spec }: Deployment, version: string): Item {
  const name = 'version';
  const [, tag] = /:([^:@/]+)(?:@.*)?$/.exec(spec.template.spec.containers[0]?.image ?? '') ?? [];
  if (tag === undefined) return note(name, `The webhook has an image without a tag; this program is ${version}.`);
  return tag.replace(/^v/, '') === version
    ? ok(name, `The webhook and this program are ${version}.`)
    : note(name, `The webhook is ${tag}, and this program ${version}: they may judge pods differently.`);
}

/** Judges the ValidatingAdmissionPolicy, and that it is bound. */
export function judgePolicy(policy: Answer<unknown>, binding: Answer<unknown>): Item {
  const name = 'policy';
  for (const answer of [policy, binding]) if (answer.kind === 'unknown') return unseen(name, answer.why);
  return policy.kind === 'found' && binding.kind === 'found'
    ? ok(name, 'The policy denies pods that would start without what they declare, also while the webhook is gone.')
    : note(
        name,
        'The policy is off: while the webhook is gone, pods start without what they declare.',
        'Set the chart value validatingAdmissionPolicy.enabled to true.',
      );
}
