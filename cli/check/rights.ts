/** Lists the rights that the webhook needs, and those that its installation needs. Tests compare both with what the chart renders. */
import type { Settings } from '../../webhook/settings.ts';
import { NAME } from '../cluster/installation.ts';
import { type Item, ok, problem, unseen } from './items.ts';

/** Is one right, as an access review asks for it. */
export type Right = {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  /** The only object that the right is for. */
  readonly name?: string;
  /** The namespace that the right is for; absent for the whole cluster. */
  readonly namespace?: string;
};

/** Holds the answer about a right; undefined if the user may not ask for it. */
export type Reviewed = { readonly right: Right; readonly allowed: boolean | undefined };

const EXTERNAL = ['externalsecrets', 'secretstores', 'clustersecretstores'];

const REGISTRATION = 'admissionregistration.k8s.io';

/** Returns the rights that the webhook needs with these settings. */
export function rightsOf(settings: Settings, namespace: string): Right[] {
  const { certificates, advice, uninjectedPods, takeOverExternalSecrets } = settings;
  const isOwn = certificates.mode === 'self-managed';
  const publishes = isOwn || (certificates.mode === 'provided' && certificates.caBundle === 'ca.crt');
  const watched = ['get', 'list', 'watch'];
  const configuration = [...watched, ...(publishes ? ['patch'] : [])];
  return [
    ...rights('', 'serviceaccounts', watched),
    ...rights('', 'nodes', ['list', 'watch']),
    ...rights('secrets-store.csi.x-k8s.io', 'secretproviderclasses', watched),
    ...(takeOverExternalSecrets === 'never'
      ? []
      : EXTERNAL.flatMap((resource) => rights('external-secrets.io', resource, watched))),
    ...rights(REGISTRATION, 'mutatingwebhookconfigurations', configuration, { name: NAME }),
    ...(advice && publishes
      ? rights(REGISTRATION, 'validatingwebhookconfigurations', configuration, { name: NAME })
      : []),
    ...(uninjectedPods
      ? [...rights('', 'pods', ['list', 'watch']), ...rights('', 'namespaces', ['list', 'watch'])]
      : []),
    ...(uninjectedPods?.events ? rights('', 'events', ['create']) : []),
    ...(isOwn ? rights('', 'secrets', [...watched, 'update'], { name: certificates.secretName, namespace }) : []),
  ];
}

/** Returns the rights that a user needs to install the chart with its default values into this namespace. */
export function installationRights(namespace: string): Right[] {
  const create = (group: string, resources: readonly string[], where: Pick<Right, 'namespace'> = {}) =>
    resources.flatMap((resource) => rights(group, resource, ['create'], where));
  return [
    ...create('', ['serviceaccounts', 'services', 'secrets'], { namespace }),
    ...create('apps', ['deployments'], { namespace }),
    ...create('policy', ['poddisruptionbudgets'], { namespace }),
    ...create('rbac.authorization.k8s.io', ['roles', 'rolebindings'], { namespace }),
    ...create('rbac.authorization.k8s.io', ['clusterroles', 'clusterrolebindings']),
    ...create(REGISTRATION, ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']),
    ...create(REGISTRATION, ['validatingadmissionpolicies', 'validatingadmissionpolicybindings']),
  ];
}

function rights(
  group: string,
  resource: string,
  verbs: readonly string[],
  where: Pick<Right, 'name' | 'namespace'> = {},
): Right[] {
  return verbs.map((verb) => ({ group, resource, verb, ...where }));
}

/** Judges whether all rights are there. `who` begins the sentence, and `fix` is for rights that are missing. */
export function judgeRights(name: string, who: string, reviewed: readonly Reviewed[], fix: string): Item {
  const missing = reviewed.filter(({ allowed }) => allowed === false).map(({ right }) => describe(right));
  if (missing.length > 0) return problem(name, `${who} may not ${missing.join('; ')}.`, fix);
  return reviewed.some(({ allowed }) => allowed === undefined)
    ? unseen(name, 'you may not ask for the rights of others (create subjectaccessreviews).')
    : ok(name, `${who} may do all that is needed (${reviewed.length} rights).`);
}

function describe({ verb, resource, name, namespace }: Right): string {
  return `${verb} ${resource}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
