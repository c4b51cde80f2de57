/** The MutatingWebhookConfiguration: which CAs its webhooks trust, and the writing of them. */
import type { V1MutatingWebhookConfiguration } from '@kubernetes/client-node';
import { AS_US, type Written, written } from './api.ts';
import { type Api, apiPath } from './kubernetes/api.ts';
import { found, isAnswer } from './kubernetes/errors.ts';

/** Where the API has them all. */
export const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** The configuration as it is, or undefined where there is none. */
export function readConfiguration(api: Api, name: string): Promise<V1MutatingWebhookConfiguration | undefined> {
  return found(api.get<V1MutatingWebhookConfiguration>(pathOf(name)));
}

/** The caBundle of each webhook; undefined where there is no configuration, or no webhook in it. */
export function readBundles(configuration: V1MutatingWebhookConfiguration | undefined): string[] | undefined {
  const webhooks = configuration?.webhooks ?? [];
  if (webhooks.length === 0) return undefined;
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'));
}

/** Writes the bundle into every webhook of the configuration, if it still is as it was read. */
export async function publish(
  api: Api,
  configuration: V1MutatingWebhookConfiguration | undefined,
  bundle: string,
): Promise<Written> {
  const { name = '', resourceVersion } = configuration?.metadata ?? {};
  const value = Buffer.from(bundle).toString('base64');
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...(configuration?.webhooks ?? []).map((_, index) => ({
      op: 'add',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value,
    })),
  ];
  try {
    return await written(api.patch(pathOf(name), body, AS_US), [404, 409]);
  } catch (error) {
    if (!isAnswer(error, 422)) throw error;
    // The `test` of a JSON patch fails with 422, and so does what the API server finds invalid: only the version tells.
    const now = await readConfiguration(api, name);
    if (now?.metadata?.resourceVersion === resourceVersion) throw error;
    return 'conflict';
  }
}

function pathOf(name: string): string {
  return `${CONFIGURATIONS}/${apiPath`${name}`}`;
}
