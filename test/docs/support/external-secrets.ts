/**
 * The objects of External Secrets as far as the pages show them: apiVersion external-secrets.io/v1, from its
 * apis/externalsecrets/v1 (externalsecret_types.go, secretstore_aws_types.go). A name that it does not know is an error.
 */
import * as v from 'valibot';
import { texts } from '../../../injector/contract/texts.ts';

const meta = v.strictObject({ name: v.string() });

const reference = v.strictObject({
  key: v.string(),
  property: v.optional(v.string()),
  version: v.optional(v.string()),
});

/** Parameter Store needs name or tags beside path: providers/v1/aws/parameterstore, "unexpected find operator". */
const find = v.union([
  v.strictObject({ path: v.optional(v.string()), name: v.strictObject({ regexp: v.string() }) }),
  v.strictObject({ path: v.optional(v.string()), tags: texts }),
]);

const ExternalSecret = v.strictObject({
  apiVersion: v.literal('external-secrets.io/v1'),
  kind: v.literal('ExternalSecret'),
  metadata: meta,
  spec: v.strictObject({
    refreshInterval: v.optional(v.string()),
    secretStoreRef: v.strictObject({ name: v.string(), kind: v.picklist(['SecretStore', 'ClusterSecretStore']) }),
    target: v.optional(
      v.strictObject({
        name: v.optional(v.string()),
        template: v.optional(v.strictObject({ data: texts })),
      }),
    ),
    data: v.optional(v.array(v.strictObject({ secretKey: v.string(), remoteRef: reference }))),
    dataFrom: v.optional(v.array(v.union([v.strictObject({ extract: reference }), v.strictObject({ find })]))),
  }),
});

const aws = v.strictObject({
  service: v.picklist(['SecretsManager', 'ParameterStore']),
  region: v.string(),
  role: v.optional(v.string()),
  externalID: v.optional(v.string()),
  auth: v.optional(
    v.strictObject({ jwt: v.strictObject({ serviceAccountRef: v.strictObject({ name: v.string() }) }) }),
  ),
});

const SecretStore = v.strictObject({
  apiVersion: v.literal('external-secrets.io/v1'),
  kind: v.literal('SecretStore'),
  metadata: meta,
  spec: v.strictObject({ provider: v.strictObject({ aws }) }),
});

/** Schemas by their kinds. */
export const EXTERNAL_SECRETS: Readonly<Record<string, v.GenericSchema>> = { ExternalSecret, SecretStore };
