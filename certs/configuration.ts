/** The MutatingWebhookConfiguration: which CAs its webhooks trust, and the writing of them. */
import {
  type AdmissionregistrationV1Api,
  ApiException,
  type V1MutatingWebhookConfiguration,
} from '@kubernetes/client-node';
import { FIELD_MANAGER, found, type Written, written } from './api.ts';

/** The configuration as it is, or undefined where there is none. */
export function readConfiguration(
  admission: AdmissionregistrationV1Api,
  name: string,
): Promise<V1MutatingWebhookConfiguration | undefined> {
  return found(admission.readMutatingWebhookConfiguration({ name }));
}

/** The caBundle of each webhook; undefined where there is no configuration, or no webhook in it. */
export function readBundles(configuration: V1MutatingWebhookConfiguration | undefined): string[] | undefined {
  const webhooks = configuration?.webhooks ?? [];
  if (webhooks.length === 0) return undefined;
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'));
}

/** Writes the bundle into every webhook of the configuration, if it still is as it was read. */
export async function publish(
  admission: AdmissionregistrationV1Api,
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
    return await written(
      admission.patchMutatingWebhookConfiguration({ name, body, fieldManager: FIELD_MANAGER }),
      [404, 409],
    );
  } catch (error) {
    if (!(error instanceof ApiException && error.code === 422)) throw error;
    // The `test` of a JSON patch fails with 422, and so does what the API server finds invalid: only the version tells.
    const now = await readConfiguration(admission, name);
    if (now?.metadata?.resourceVersion === resourceVersion) throw error;
    return 'conflict';
  }
}
