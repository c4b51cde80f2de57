/** Defines the part of the configuration that says as whom the injector reaches AWS, and how. */
import * as v from 'valibot';
import { TOKEN_FILE } from './names.ts';
import { SERVICE_NAMES } from './services.ts';
import { option, strict } from './strict.ts';

/** Reads a text that is not empty. */
export const text = v.pipe(v.string(), v.nonEmpty('must not be empty'));

/** Reads the index into a list. */
export const index = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0, 'must not be negative'));

export const absolute = v.pipe(v.string(), v.startsWith('/', 'must begin with /'));

export const region = v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'must be a region, like eu-west-1'));

/**
 * Reads the URL of an endpoint, an agent or a proxy. It stands in the specification of every pod, which many people may read,
 * so it has no part in which a password or a token is usual.
 */
export const plainUrl = v.pipe(
  v.string(),
  v.trim(),
  v.check(isUrl(/^https?:\/\//i), 'must be a URL that begins with http:// or https://'),
  v.check(
    isWithout(['username', 'password']),
    'must have no user and no password: it stands in the specification of every pod',
  ),
  v.check(isWithout(['search', 'hash']), 'must have no query and no fragment'),
);

/** Returns a check that a text is a URL with this beginning. The parser would leave out space and control characters. */
export function isUrl(beginning: RegExp): (text: string) => boolean {
  return (text) => beginning.test(text) && !/[\s\p{Cc}]/u.test(text) && URL.canParse(text);
}

function isWithout(parts: readonly ('username' | 'password' | 'search' | 'hash')[]): (text: string) => boolean {
  return (text) => parts.every((part) => new URL(text)[part] === '');
}

/** Reads certificates in PEM, and refuses a private key among them: they stand in the specification of every pod. */
export const certificates = v.pipe(
  v.string(),
  v.check((text) => !/PRIVATE KEY/i.test(text), 'must hold certificates only, and it holds a private key'),
);

const roleArn = v.pipe(v.string(), v.startsWith('arn:', 'must begin with arn:'));

/**
 * At most so many roles are assumed after the pod's own. AWS documents no limit: this one is ours. Each role is one more request to
 * STS before the first secret is read, and four are a hub, an organization, an account and a reader.
 */
export const MOST_ROLES = 4;

/** Says which role is assumed with the first credentials, for another account. */
export const assume = strict({
  /**
   * The roles that are assumed before `roleArn`, each with the credentials of the one before it. It is absent if the pod's own
   * role assumes `roleArn` itself.
   */
  through: v.optional(
    v.pipe(
      v.array(roleArn),
      v.nonEmpty('must not be empty'),
      v.maxLength(MOST_ROLES - 1, `must have at most ${MOST_ROLES - 1} items`),
    ),
  ),
  /** The role that reads the objects. */
  roleArn,
  /** The external ID for `roleArn`. The roles before it are assumed without one, as by External Secrets. */
  externalId: v.optional(text),
});

/**
 * Says with which identity the first credentials are got. In both kinds, `tokenFile` holds a projected token of the
 * ServiceAccount.
 */
export const identity = v.variant('kind', [
  option({
    kind: v.literal('web-identity'),
    /** The IAM role of the ServiceAccount. */
    roleArn,
    /** A token with the audience below. */
    tokenFile: v.optional(absolute, TOKEN_FILE),
    /** The audience of the token. If it is absent, that is sts.amazonaws.com. */
    audience: v.optional(text),
  }),
  option({
    kind: v.literal('pod-identity'),
    /** A token with the audience pods.eks.amazonaws.com. */
    tokenFile: v.optional(absolute, TOKEN_FILE),
    /** The addresses of the EKS Pod Identity agent. The next one is asked if one is not reached. */
    addresses: v.pipe(v.array(plainUrl), v.nonEmpty('must not be empty')),
  }),
]);

export const aws = strict({
  /** One endpoint for all services: an emulator. */
  endpointUrl: v.optional(plainUrl),
  /** VPC endpoints. Each of them wins over `endpointUrl`. */
  endpoints: v.optional(strict(v.entriesFromList(['sts', ...SERVICE_NAMES], v.optional(plainUrl)))),
  /** The region of the cluster, to which the endpoints belong. If it is absent, that is the region of the configuration. */
  region: v.optional(region),
  useFipsEndpoint: v.optional(v.boolean()),
  useDualstackEndpoint: v.optional(v.boolean()),
  httpsProxy: v.optional(plainUrl),
  /** The hosts that bypass the proxy, as Go and curl read NO_PROXY. */
  noProxy: v.optional(v.string()),
  /** Certificates in PEM, which are added to the usual roots. */
  caBundle: v.optional(certificates),
  /** A ConfigMap of the pod's namespace, mounted as CA_FILE. Its certificates in PEM are added to the usual roots. */
  caBundleConfigMap: v.optional(strict({ name: text, key: text })),
});
