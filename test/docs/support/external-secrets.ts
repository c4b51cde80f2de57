/**
 * The objects of External Secrets as far as the pages show them: apiVersion external-secrets.io/v1, from its
 * apis/externalsecrets/v1 (externalsecret_types.go, secretstore_aws_types.go). A name that it does not know is an error.
 */
import * as z from 'zod';

const meta = z.strictObject({ name: z.string() });

const reference = z.strictObject({ key: z.string(), property: z.string().optional(), version: z.string().optional() });

/** Parameter Store needs name or tags beside path: providers/v1/aws/parameterstore, "unexpected find operator". */
const find = z.union([
  z.strictObject({ path: z.string().optional(), name: z.strictObject({ regexp: z.string() }) }),
  z.strictObject({ path: z.string().optional(), tags: z.record(z.string(), z.string()) }),
]);

const ExternalSecret = z.strictObject({
  apiVersion: z.literal('external-secrets.io/v1'),
  kind: z.literal('ExternalSecret'),
  metadata: meta,
  spec: z.strictObject({
    refreshInterval: z.string().optional(),
    secretStoreRef: z.strictObject({ name: z.string(), kind: z.enum(['SecretStore', 'ClusterSecretStore']) }),
    target: z
      .strictObject({
        name: z.string().optional(),
        template: z.strictObject({ data: z.record(z.string(), z.string()) }).optional(),
      })
      .optional(),
    data: z.array(z.strictObject({ secretKey: z.string(), remoteRef: reference })).optional(),
    dataFrom: z.array(z.union([z.strictObject({ extract: reference }), z.strictObject({ find })])).optional(),
  }),
});

const aws = z.strictObject({
  service: z.enum(['SecretsManager', 'ParameterStore']),
  region: z.string(),
  role: z.string().optional(),
  externalID: z.string().optional(),
  auth: z.strictObject({ jwt: z.strictObject({ serviceAccountRef: z.strictObject({ name: z.string() }) }) }).optional(),
});

const SecretStore = z.strictObject({
  apiVersion: z.literal('external-secrets.io/v1'),
  kind: z.literal('SecretStore'),
  metadata: meta,
  spec: z.strictObject({ provider: z.strictObject({ aws }) }),
});

/** Schemas by their kinds. */
export const EXTERNAL_SECRETS: Readonly<Record<string, z.ZodType>> = { ExternalSecret, SecretStore };
