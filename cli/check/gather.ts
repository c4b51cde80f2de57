/** Looks at a cluster before or after the installation, with the rights of the user, and judges what it sees. */
import manifest from '../../package.json' with { type: 'json' };
import { type Answer, type Cluster, mapAnswer, objectIn } from '../cluster/cluster.ts';
import { readNamespaceLabels, readNodes, readServerVersion } from '../cluster/facts.ts';
import { type Installation, NAME, readInstallation } from '../cluster/installation.ts';
import type { WebhookConfiguration } from '../cluster/objects.ts';
import { judgeBundle, judgeCertificate, type Place, placeOf } from './certificate.ts';
import { judgeIdentityWebhook, judgeKubelets, judgeRegion, judgeVersion } from './cluster-items.ts';
import { judgeDeployment, judgeNothingInstalled, judgePolicy, judgeRegistration } from './installation-items.ts';
import { type Item, unseen } from './items.ts';
import { judgeProbe, type Probe, probePod } from './probe.ts';
import { installationRights, judgeRights, type Reviewed, type Right, rightsOf } from './rights.ts';

const REGISTRATION = 'admissionregistration.k8s.io/v1';

const ADMINISTRATOR = 'Let somebody install it who may create all of this, such as cluster-admin.';

/** Returns the items of a cluster before the installation into this namespace. */
export async function checkBefore(cluster: Cluster, namespace: string): Promise<Item[]> {
  const [facts, { configuration }, rights] = await Promise.all([
    readClusterItems(cluster, undefined),
    readInstallation(cluster),
    review(cluster, installationRights(namespace), undefined),
  ]);
  return [...facts, judgeNothingInstalled(configuration), judgeRights('your-rights', 'You', rights, ADMINISTRATOR)];
}

/** Returns the items of an installation. */
export async function checkAfter(cluster: Cluster, now: Date): Promise<Item[]> {
  const installation = await readInstallation(cluster);
  const { configuration, settings } = installation;
  const [facts, certificates, rights, policy, probe] = await Promise.all([
    readClusterItems(cluster, settings?.aws.region),
    readCertificateItems(cluster, installation, now),
    readRights(cluster, installation),
    readPolicy(cluster),
    tryPod(cluster, configuration),
  ]);
  return [
    ...facts,
    judgeRegistration(configuration),
    ...certificates,
    ...judgeDeployment(installation, manifest.version),
    rights,
    policy,
    ...(configuration.kind === 'absent' ? [] : [probe]),
  ];
}

async function readClusterItems(cluster: Cluster, region: string | undefined): Promise<Item[]> {
  const [version, nodes, configurations] = await Promise.all([
    readServerVersion(cluster),
    readNodes(cluster),
    cluster.list<WebhookConfiguration>({ api: REGISTRATION, plural: 'mutatingwebhookconfigurations' }),
  ]);
  return [
    judgeVersion(version),
    judgeKubelets(nodes),
    judgeRegion(nodes, region),
    judgeIdentityWebhook(configurations),
  ];
}

async function readCertificateItems(
  cluster: Cluster,
  { configuration, namespace, settings, deployment }: Installation,
  now: Date,
): Promise<Item[]> {
  if (configuration.kind !== 'found') return [];
  const running = objectIn(deployment);
  const place = settings && running && placeOf(settings, running);
  const certificate =
    namespace === undefined || place === undefined
      ? unseen('certificate', 'the settings of the webhook do not say in which Secret it is.')
      : judgeCertificate(await readLeaf(cluster, namespace, place), configuration.value, namespace, now);
  return [judgeBundle(configuration.value, namespace ?? NAME, now), certificate];
}

/** Returns the certificate of a Secret. The key beside it is let go at once. */
async function readLeaf(cluster: Cluster, namespace: string, { secret, key }: Place): Promise<Answer<string>> {
  const secrets = { api: 'v1', plural: 'secrets', namespace };
  const answer = await cluster.get<{ readonly data?: Readonly<Record<string, string>> }>(secrets, secret);
  return mapAnswer(answer, ({ data }) => Buffer.from(data?.[key] ?? '', 'base64').toString());
}

async function readRights(cluster: Cluster, { settings, namespace, deployment }: Installation): Promise<Item> {
  const name = 'webhook-rights';
  const account = objectIn(deployment)?.spec.template.spec.serviceAccountName;
  if (!settings || namespace === undefined || account === undefined) {
    return unseen(name, 'the settings of the webhook can not be read.');
  }
  const user = `system:serviceaccount:${namespace}:${account}`;
  const reviewed = await review(cluster, rightsOf(settings, namespace), user);
  return judgeRights(
    name,
    'The webhook',
    reviewed,
    'Install the chart again: its ClusterRole or Role was changed or removed.',
  );
}

/** Asks for rights of a user, or for the user's own. https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
function review(cluster: Cluster, rights: readonly Right[], user: string | undefined): Promise<Reviewed[]> {
  const plural = user === undefined ? 'selfsubjectaccessreviews' : 'subjectaccessreviews';
  const kind = user === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  return Promise.all(
    rights.map(async (right) => {
      const spec = { resourceAttributes: right, ...(user !== undefined && { user }) };
      const body = { apiVersion: 'authorization.k8s.io/v1', kind, spec };
      const created = await cluster.create<{ readonly status?: { readonly allowed?: boolean } }>(
        { api: 'authorization.k8s.io/v1', plural },
        body,
      );
      return { right, allowed: created.kind === 'created' ? created.value.status?.allowed === true : undefined };
    }),
  );
}

async function readPolicy(cluster: Cluster): Promise<Item> {
  const [policy, binding] = await Promise.all([
    cluster.get({ api: REGISTRATION, plural: 'validatingadmissionpolicies' }, NAME),
    cluster.get({ api: REGISTRATION, plural: 'validatingadmissionpolicybindings' }, NAME),
  ]);
  return judgePolicy(policy, binding);
}

async function tryPod(cluster: Cluster, configuration: Answer<WebhookConfiguration>): Promise<Item> {
  const { namespace } = cluster;
  const [created, namespaceLabels] = await Promise.all([
    cluster.create<Probe>({ api: 'v1', plural: 'pods', namespace }, probePod(namespace), { dryRun: true }),
    readNamespaceLabels(cluster, namespace),
  ]);
  return judgeProbe(created, { configuration, namespaceLabels });
}
