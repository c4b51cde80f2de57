/** Defines the part of the configuration that says as whom the injector reaches AWS, and how. */
import * as z from 'zod';
import { TOKEN_FILE } from './names.ts';
import { SERVICE_NAMES } from './services.ts';

export const absolute = z.string().startsWith('/');

export const region = z.string().regex(/^[a-z0-9-]+$/);

/**
 * Reads the URL of an endpoint, an agent or a proxy. It stands in the specification of every pod, which many people may read,
 * so it has no part in which a password or a token is usual.
 */
export const plainUrl = z
  .url({ protocol: /^https?$/ })
  .refine(isWithout(['username', 'password']), {
    error: 'must have no user and no password: it stands in the specification of every pod',
  })
  .refine(isWithout(['search', 'hash']), { error: 'must have no query and no fragment' });

function isWithout(parts: readonly ('username' | 'password' | 'search' | 'hash')[]): (text: string) => boolean {
  return (text) => URL.canParse(text) && parts.every((part) => new URL(text)[part] === '');
}

/** Reads certificates in PEM, and refuses a private key among them: they stand in the specification of every pod. */
export const certificates = z
  .string()
  .refine((text) => !/PRIVATE KEY/i.test(text), { error: 'must hold certificates only, and it holds a private key' });

export const roleArn = z.string().startsWith('arn:');

/**
 * Says with which identity the first credentials are got. In both kinds, `tokenFile` holds a projected token of the
 * ServiceAccount.
 */
export const identity = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('web-identity'),
    roleArn: roleArn.describe('the IAM role of the ServiceAccount'),
    tokenFile: absolute.default(TOKEN_FILE).describe('a token with the audience below'),
    audience: z.string().min(1).optional().describe('of the token; absent: sts.amazonaws.com'),
  }),
  z.strictObject({
    kind: z.literal('pod-identity'),
    tokenFile: absolute.default(TOKEN_FILE).describe('audience pods.eks.amazonaws.com'),
    addresses: z
      .array(plainUrl)
      .min(1)
      .describe('of the EKS Pod Identity agent; the next one where one is not reached'),
  }),
]);

export const aws = z.strictObject({
  endpointUrl: plainUrl.optional().describe('one endpoint for all services: an emulator'),
  endpoints: z
    .partialRecord(z.enum(['sts', ...SERVICE_NAMES]), plainUrl.optional())
    .optional()
    .describe('VPC endpoints; each wins over endpointUrl'),
  region: region
    .optional()
    .describe("the region of the cluster, which endpoints belong to; absent: the configuration's"),
  useFipsEndpoint: z.boolean().optional(),
  useDualstackEndpoint: z.boolean().optional(),
  httpsProxy: plainUrl.optional(),
  noProxy: z.string().optional().describe('hosts that bypass the proxy, as Go and curl read NO_PROXY'),
  caBundle: certificates.optional().describe('PEM, added to the usual roots'),
  caBundleConfigMap: z
    .strictObject({ name: z.string().min(1), key: z.string().min(1) })
    .optional()
    .describe("a ConfigMap of the pod's namespace, mounted as CA_FILE: PEM, added to the usual roots"),
});
