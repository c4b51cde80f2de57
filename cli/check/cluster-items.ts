/** Judges the cluster itself: its versions, its nodes, and the webhook that gives pods their IAM roles. */
import { ENV_FILES, isAtLeast, type Version } from '../../webhook/admission/kubernetes-version.ts';
import type { NodeFacts } from '../../webhook/admission/node.ts';
import type { Answer } from '../cluster/cluster.ts';
import type { WebhookConfiguration } from '../cluster/objects.ts';
import { type Item, note, notFound, ok, problem, unseen } from './items.ts';

/** The oldest version that the chart takes, as its kubeVersion says; a test compares both. */
export const OLDEST: Version = { major: 1, minor: 30 };

/** The name of a webhook in the configuration that EKS, kops and the project's own manifests make. */
const IDENTITY_WEBHOOK = /(^|\.)iam-for-pods\.amazonaws\.com$|pod-identity-webhook/;

/** Judges the version of the API server. */
export function judgeVersion(version: Version | undefined): Item {
  const name = 'kubernetes-version';
  if (!version) return unseen(name, 'the API server answers with a version of an unknown form.');
  const text = `The API server is ${version.major}.${version.minor}`;
  if (!isAtLeast(version, OLDEST)) {
    const oldest = `${OLDEST.major}.${OLDEST.minor}`;
    return problem(name, `${text}, and the chart needs ${oldest}.`, `Upgrade the cluster to ${oldest} or newer.`);
  }
  return isAtLeast(version, ENV_FILES)
    ? ok(name, `${text}.`)
    : note(
        name,
        `${text}: it takes no variables from files.`,
        'Deliver env by env-delivery: shell or file, or upgrade to 1.35.',
      );
}

/** Judges the kubelets' versions. */
export function judgeKubelets(nodes: Answer<readonly NodeFacts[]>): Item {
  const name = 'kubelets';
  if (nodes.kind !== 'found') return notFound(name, nodes, 'there are no nodes.');
  const linux = nodes.value.filter((node) => node.linux);
  const old = linux.filter(({ delivers }) => !delivers);
  if (linux.length === 0) return note(name, 'There is no Linux node yet.');
  const some = old.slice(0, 3).map((node) => node.name);
  return old.length === 0
    ? ok(name, `All ${linux.length} Linux nodes deliver variables from files.`)
    : note(
        name,
        `${old.length} of ${linux.length} Linux nodes are older than 1.35 and deliver no variables from files: ${some.join(', ')}${old.length > some.length ? ', …' : ''}.`,
        'Upgrade them, or deliver env by env-delivery: shell or file. Until then pods with env start on new nodes only.',
      );
}

/** Judges whether the region of the cluster is known. `chart` is the chart's value, if it is set. */
export function judgeRegion(nodes: Answer<readonly NodeFacts[]>, chart: string | undefined): Item {
  const name = 'region';
  if (chart !== undefined) return ok(name, `The chart names the region ${chart}.`);
  if (nodes.kind !== 'found') return notFound(name, nodes, 'there are no nodes.');
  const regions = [...new Set(nodes.value.flatMap(({ region }) => region ?? []))];
  const [region, ...others] = regions;
  const fix = 'Name it: helm upgrade … --reuse-values --set aws.region=REGION';
  if (region === undefined) {
    return problem(name, 'No node has the label topology.kubernetes.io/region, so that the region is not known.', fix);
  }
  if (others.length > 0) return problem(name, `The nodes name several regions: ${regions.join(', ')}.`, fix);
  return ok(name, `The nodes are in ${region}.`);
}

/** Judges the webhook that gives AWS variables and tokens to all pods. Secrets do not need it, and the apps may. */
export function judgeIdentityWebhook(configurations: Answer<readonly WebhookConfiguration[]>): Item {
  const name = 'identity-webhook';
  if (configurations.kind !== 'found') {
    return notFound(name, configurations, 'the API has no webhooks.');
  }
  const found = configurations.value.find(({ metadata, webhooks = [] }) =>
    [metadata.name ?? '', ...webhooks.map((webhook) => webhook.name)].some((one) => IDENTITY_WEBHOOK.test(one)),
  );
  return found
    ? ok(name, `The identity webhook is there: ${found.metadata.name}.`)
    : note(
        name,
        'There is no identity webhook, so that apps get no AWS role of their own. Secrets are fetched without it.',
        'On EKS it is always there; elsewhere install amazon-eks-pod-identity-webhook if apps call AWS.',
      );
}
