/** Defines the part of the configuration that says as whom the injector reaches AWS, and how. */
import * as z from 'zod/mini';
import { TOKEN_FILE } from './names.ts';
import { SERVICE_NAMES } from './services.ts';

/** Reads a text that is not empty. */
export const text = z.string().check(z.minLength(1));

export const absolute = z.string().check(z.startsWith('/'));

export const region = z.string().check(z.regex(/^[a-z0-9-]+$/));

/**
 * Reads the URL of an endpoint, an agent or a proxy. It stands in the specification of every pod, which many people may read,
 * so it has no part in which a password or a token is usual.
 */
export const plainUrl = z.url({ protocol: /^https?$/ }).check(
  z.refine(isWithout(['username', 'password']), {
    error: 'must have no user and no password: it stands in the specification of every pod',
  }),
  z.refine(isWithout(['search', 'hash']), { error: 'must have no query and no fragment' }),
);

function isWithout(parts: readonly ('username' | 'password' | 'search' | 'hash')[]): (text: string) => boolean {
  return (text) => URL.canParse(text) && parts.every((part) => new URL(text)[part] === '');
}

/** Reads certificates in PEM, and refuses a private key among them: they stand in the specification of every pod. */
export const certificates = z.string().check(
  z.refine((text) => !/PRIVATE KEY/i.test(text), {
    error: 'must hold certificates only, and it holds a private key',
  }),
);

const roleArn = z.string().check(z.startsWith('arn:'));

/**
 * At most so many roles are assumed after the pod's own. AWS documents no limit: this one is ours. Each role is one more request to
 * STS before the first secret is read, and four are a hub, an organization, an account and a reader.
 */
export const MOST_ROLES = 4;

/** Says which role is assumed with the first credentials, for another account. */
export const assume = z.strictObject({
  /**
   * The roles that are assumed before `roleArn`, each with the credentials of the one before it. It is absent if the pod's own
   * role assumes `roleArn` itself.
   */
  through: z.optional(z.array(roleArn).check(z.minLength(1), z.maxLength(MOST_ROLES - 1))),
  /** The role that reads the objects. */
  roleArn,
  /** The external ID for `roleArn`. The roles before it are assumed without one, as by External Secrets. */
  externalId: z.optional(text),
});

/**
 * Says with which identity the first credentials are got. In both kinds, `tokenFile` holds a projected token of the
 * ServiceAccount.
 */
export const identity = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('web-identity'),
    /** The IAM role of the ServiceAccount. */
    roleArn,
    /** A token with the audience below. */
    tokenFile: z._default(absolute, TOKEN_FILE),
    /** The audience of the token. If it is absent, that is sts.amazonaws.com. */
    audience: z.optional(text),
  }),
  z.strictObject({
    kind: z.literal('pod-identity'),
    /** A token with the audience pods.eks.amazonaws.com. */
    tokenFile: z._default(absolute, TOKEN_FILE),
    /** The addresses of the EKS Pod Identity agent. The next one is asked if one is not reached. */
    addresses: z.array(plainUrl).check(z.minLength(1)),
  }),
]);

export const aws = z.strictObject({
  /** One endpoint for all services: an emulator. */
  endpointUrl: z.optional(plainUrl),
  /** VPC endpoints. Each of them wins over `endpointUrl`. */
  endpoints: z.optional(z.partialRecord(z.enum(['sts', ...SERVICE_NAMES]), z.optional(plainUrl))),
  /** The region of the cluster, to which the endpoints belong. If it is absent, that is the region of the configuration. */
  region: z.optional(region),
  useFipsEndpoint: z.optional(z.boolean()),
  useDualstackEndpoint: z.optional(z.boolean()),
  httpsProxy: z.optional(plainUrl),
  /** The hosts that bypass the proxy, as Go and curl read NO_PROXY. */
  noProxy: z.optional(z.string()),
  /** Certificates in PEM, which are added to the usual roots. */
  caBundle: z.optional(certificates),
  /** A ConfigMap of the pod's namespace, mounted as CA_FILE. Its certificates in PEM are added to the usual roots. */
  caBundleConfigMap: z.optional(z.strictObject({ name: text, key: text })),
});
