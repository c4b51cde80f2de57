/**
 * Has what the webhook, the injector and the command line agree on about Kubernetes Secrets that the injected container makes
 * with the ServiceAccount of its pod.
 */

/** Names the owner of the fields that the injector applies. https://kubernetes.io/docs/reference/using-api/server-side-apply */
export const FIELD_MANAGER = 'aws-secrets-injector';

/** Marks each Secret that the injector made. One without it is somebody else's, and stays as it is. */
export const MANAGED_BY = { label: 'app.kubernetes.io/managed-by', value: 'aws-secrets-injector' } as const;

/** Marks each Secret that the CSI driver made, which the injector may take over. */
export const MADE_BY_DRIVER = { label: 'secrets-store.csi.k8s.io/managed', value: 'true' } as const;

/**
 * Lists the verbs on Secrets that the ServiceAccount needs, each for the names of its Secrets only. The API server checks
 * `create` with the name if a Secret is made by server-side apply, so that resourceNames hold for it too; they do not hold for a
 * POST. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
export const SECRET_VERBS = ['get', 'create', 'patch'] as const;

/** Returns the name of the Role, and of its RoleBinding, with which a ServiceAccount makes its Secrets. */
export function roleNameFor(serviceAccount: string): string {
  return `aws-secrets-injector-${serviceAccount}`;
}

/** The type of Secrets of certificates, whose PEM is put in order as the CSI driver does it. */
export const TLS = 'kubernetes.io/tls';

/**
 * Lists the keys without which the API server takes no Secret of the type; of `oneOf`, one is enough.
 * https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
 */
export const REQUIRED_KEYS: ReadonlyMap<
  string,
  { readonly all?: readonly string[]; readonly oneOf?: readonly string[] }
> = new Map([
  [TLS, { all: ['tls.crt', 'tls.key'] }],
  ['kubernetes.io/dockerconfigjson', { all: ['.dockerconfigjson'] }],
  ['kubernetes.io/dockercfg', { all: ['.dockercfg'] }],
  ['kubernetes.io/ssh-auth', { all: ['ssh-privatekey'] }],
  ['kubernetes.io/basic-auth', { oneOf: ['username', 'password'] }],
]);

/** Lists the types whose only key holds JSON. */
export const JSON_TYPES: ReadonlySet<string> = new Set(['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg']);

/**
 * Lists the types of Secrets that are credentials of the cluster itself. A controller fills or obeys them, so that nobody may
 * have them made by a pod.
 */
export const CLUSTER_TYPES: ReadonlySet<string> = new Set([
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
]);
