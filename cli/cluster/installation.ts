/** Reads the installation of the webhook from a cluster: its configuration at the API server, its Deployment and its settings. */
import { readSettings, SETTINGS_ENV, type Settings } from '../../webhook/settings.ts';
import { type Answer, type Cluster, objectIn } from './cluster.ts';
import type { Deployment, WebhookConfiguration } from './objects.ts';

/** The name that the chart gives all its objects, whatever the release is called. */
export const NAME = 'aws-secrets-injector';

export type Installation = {
  readonly configuration: Answer<WebhookConfiguration>;
  /** The namespace of the webhook; undefined if its configuration can not be read, or names no Service. */
  readonly namespace: string | undefined;
  readonly deployment: Answer<Deployment>;
  /** Undefined if the Deployment can not be read, or has settings that this program does not know. */
  readonly settings: Settings | undefined;
};

/** Reads the installation. */
export async function readInstallation(cluster: Cluster): Promise<Installation> {
  const registration = { api: 'admissionregistration.k8s.io/v1', plural: 'mutatingwebhookconfigurations' };
  const configuration = await cluster.get<WebhookConfiguration>(registration, NAME);
  const namespace = objectIn(configuration)?.webhooks?.[0]?.clientConfig.service?.namespace;
  if (namespace === undefined) {
    return { configuration, namespace, deployment: { kind: 'absent' }, settings: undefined };
  }
  const deployment = await cluster.get<Deployment>({ api: 'apps/v1', plural: 'deployments', namespace }, NAME);
  return { configuration, namespace, deployment, settings: settingsIn(objectIn(deployment)) };
}

function settingsIn(deployment: Deployment | undefined): Settings | undefined {
  const variables = (deployment?.spec.template.spec.containers ?? []).flatMap(({ env = [] }) => env);
  const read = readSettings(variables.find(({ name }) => name === SETTINGS_ENV)?.value);
  return read.ok ? read.settings : undefined;
}
