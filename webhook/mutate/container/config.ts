/** Makes the configuration of the injected container from the declaration and the settings of the chart. */
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import { AUDIENCE, ENVIRONMENT_DIRECTORY, SECRETS_DIRECTORY, TOKEN_FILE } from '../../../injector/contract/names.ts';
import type { ConfigSync, MadeSecret } from '../../../injector/contract/sync-schema.ts';
import type { Declaration } from '../../declare/declaration.ts';
import { memoizeByObject } from '../../declare/memoize.ts';
import type { Pod } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { withSynced } from '../environment/synced.ts';
import { knownPaths } from '../environment/synced-uses.ts';
import type { EnvFiles } from '../environment/variables.ts';
import { chooseRotation } from '../rotation.ts';

/**
 * The link-local addresses of the EKS Pod Identity agent, which is the same on every node.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
const AGENT = { ipv4: 'http://169.254.170.23/v1/credentials', ipv6: 'http://[fd00:ec2::23]/v1/credentials' } as const;

/** The place where a pod is created, as far as the configuration depends on it. */
export type Place = {
  readonly namespace: string;
  /** The role of the ServiceAccount; the identity `web-identity` needs it. */
  readonly role?: { readonly roleArn: string; readonly audience?: string } | undefined;
  /** The region of the webhook's cluster. */
  readonly ownRegion: string | undefined;
  readonly settings: AdmissionSettings;
};

export type ConfigInput = Place & {
  readonly pod: Pod;
  readonly declaration: Declaration;
  readonly envFiles: EnvFiles;
};

/** The last configuration that was made of each declaration, and what it was made from besides. */
const lastMade = new WeakMap<Declaration, Made>();

type Made = { readonly config: InjectorConfig; readonly settings: AdmissionSettings; readonly key: string };

/**
 * Each configuration has what the chart says about AWS. With more characters of that, it is made for each pod: a CA bundle of 60 KiB would
 * be kept once for each declaration, and 1,500 of them took 275 MiB.
 */
const MOST_OF_CHART = 8 * 1024;

/** Returns how many characters the chart says about AWS. */
const lengthOf = memoizeByObject((aws: AdmissionSettings['aws']): number => JSON.stringify(aws).length);

/**
 * Returns the configuration of the injected container, without regard to a previous injection. Pods with the same declaration in
 * the same place get the very same object, unless it depends on more of the pod or is too long: so what is made of it can be kept, too.
 */
export function makeConfig(input: ConfigInput): InjectorConfig {
  const { pod, namespace, role, ownRegion, declaration, settings, envFiles } = input;
  const rotation = chooseRotation(pod, declaration, settings.injector.rotation);
  const retrySeconds = retryTimeoutSeconds(pod, declaration.retryTimeoutSeconds);
  const isOfMany =
    !declaration.secrets && knownPaths(declaration).size === 0 && lengthOf(settings.aws) <= MOST_OF_CHART;
  if (!isOfMany) return configOf(input, rotation, retrySeconds);
  const place = [namespace, role?.roleArn, role?.audience, ownRegion];
  const key = JSON.stringify([...place, envFiles.server, envFiles.everyNode, rotation, retrySeconds]);
  const last = lastMade.get(declaration);
  if (last?.key === key && last.settings === settings) return last.config;
  const config = configOf(input, rotation, retrySeconds);
  lastMade.set(declaration, { config, settings, key });
  return config;
}

function configOf(input: ConfigInput, rotation: InjectorConfig['rotation'], retrySeconds: number): InjectorConfig {
  const { pod, namespace, declaration, settings, envFiles } = input;
  const { searches, templates, templateVariables, assume, failoverMode, envFile, logLevel } = declaration;
  const objects = withSynced(pod, declaration, envFiles.server);
  const environment = environmentOf(declaration, objects, envFiles);
  const aws = awsOf(declaration.region, input);
  const { secrets } = declaration;
  return {
    version: 1,
    namespace,
    region: declaration.region,
    identity: identityOf(declaration.identity, input),
    ...(assume && { assume }),
    directory: SECRETS_DIRECTORY,
    objects: [...objects],
    ...((declaration.batch ?? settings.injector.batch) && { batch: true as const }),
    ...(searches.length > 0 && { searches: [...searches] }),
    ...(templates.length > 0 && { templates: [...templates] }),
    ...(templateVariables.length > 0 && { templateVariables: [...templateVariables] }),
    ...(failoverMode && { failoverMode }),
    ...(envFile && { envFile }),
    ...(environment && { environment }),
    retryTimeoutSeconds: retrySeconds,
    ...(rotation && { rotation }),
    ...(secrets && { sync: syncOf(pod, secrets) }),
    ...(aws && { aws }),
    log: { level: logLevel ?? settings.injector.logLevel },
  };
}

/**
 * Returns the configuration of a previous injection for the pod and the place where it is created now: with the namespace, the role
 * and the way to AWS of this place, and the owners of this pod. What is fetched, and from which region, stays.
 */
export function moveConfig({ aws: _, sync, ...config }: InjectorConfig, place: Place, pod: Pod): InjectorConfig {
  const { namespace } = place;
  const aws = awsOf(config.region, place);
  return {
    ...config,
    namespace,
    identity: identityOf(identityIn(config), place),
    ...(sync && { sync: syncOf(pod, sync.secrets) }),
    ...(aws && { aws }),
  };
}

/** Returns the part about the Secrets that the pod makes: they belong to its owners, which remove them when they go. */
function syncOf({ metadata, spec }: Pod, secrets: readonly MadeSecret[]): ConfigSync {
  const owners = (metadata.ownerReferences ?? []).flatMap(({ apiVersion, kind, name, uid }) =>
    name && uid ? [{ apiVersion, kind, name, uid }] : [],
  );
  return {
    serviceAccount: spec.serviceAccountName || 'default',
    ...(owners.length > 0 && { owners }),
    secrets: [...secrets],
  };
}

/** Returns the identity that a declaration must name for this configuration. */
export function identityIn({ identity }: Pick<InjectorConfig, 'identity'>): Declaration['identity'] {
  if (identity.kind === 'web-identity') return { kind: 'web-identity' };
  const [first = '', ...others] = identity.addresses;
  const single = first.includes('[') ? 'ipv6' : 'ipv4';
  return { kind: 'pod-identity', addressType: others.length > 0 ? 'auto' : single };
}

function identityOf(
  identity: Declaration['identity'],
  { role, settings }: Pick<Place, 'role' | 'settings'>,
): InjectorConfig['identity'] {
  if (identity.kind === 'web-identity') {
    const { roleArn = '', audience } = role ?? {};
    const isDefault = audience === undefined || audience === AUDIENCE;
    return { kind: 'web-identity', roleArn, tokenFile: TOKEN_FILE, ...(!isDefault && { audience }) };
  }
  const { podIdentity } = settings.aws.endpoints ?? {};
  const { addressType } = identity;
  const addresses = addressType === 'auto' ? [AGENT.ipv4, AGENT.ipv6] : [AGENT[addressType]];
  return {
    kind: 'pod-identity',
    tokenFile: TOKEN_FILE,
    addresses: podIdentity === undefined ? addresses : [podIdentity],
  };
}

/** Returns the part about the volume for variables, or undefined if nothing is written into that volume. */
function environmentOf(
  { delivery, templateVariables }: Declaration,
  objects: readonly ConfigObject[],
  { everyNode }: EnvFiles,
): InjectorConfig['environment'] {
  const isRead =
    objects.some(({ environment = [] }) => environment.length > 0) ||
    templateVariables.some(({ kubelet }) => kubelet === true);
  if (!isRead && delivery !== 'shell') return undefined;
  return {
    directory: ENVIRONMENT_DIRECTORY,
    delivery: delivery === 'shell' ? 'shell' : 'kubelet',
    ...(isRead && !everyNode && { sentinel: true }),
  };
}

/**
 * Returns how AWS is reached from here. It names the cluster's region if the secrets are in another one: the endpoints
 * of the chart are those of a VPC, so that the injector uses them for that region only, and a copy of the pod shows
 * where it comes from.
 */
function awsOf(region: string, { settings, ownRegion }: Pick<Place, 'settings' | 'ownRegion'>): InjectorConfig['aws'] {
  const { region: _, endpoints = {}, ...others } = settings.aws;
  const { podIdentity: _agent, ...services } = endpoints;
  const isElsewhere = ownRegion !== undefined && ownRegion !== region;
  const aws = {
    ...others,
    ...(Object.keys(services).length > 0 && { endpoints: services }),
    ...(isElsewhere && { region: ownRegion }),
  };
  return Object.keys(aws).length > 0 ? aws : undefined;
}

/**
 * The retry timeout of a container that the kubelet starts again: the failure is seen soon, and the next run tries
 * again.
 */
const RESTARTED_SECONDS = 30;

/**
 * The retry timeout of a container that is not started again, or whose next pod counts against the Job's backoffLimit.
 */
const ONCE_SECONDS = 15 * 60;

/**
 * Returns how long one run of the injector retries, in seconds: as declared, or as long as the pod's kind makes
 * sensible.
 */
function retryTimeoutSeconds(pod: Pod, declared: number | undefined): number {
  if (declared !== undefined) return declared;
  const { restartPolicy, activeDeadlineSeconds } = pod.spec;
  const ofJob = pod.metadata.ownerReferences?.some(
    ({ apiVersion, kind }) => kind === 'Job' && apiVersion.startsWith('batch/'),
  );
  const wanted = restartPolicy === 'Never' || ofJob ? ONCE_SECONDS : RESTARTED_SECONDS;
  // A fifth of the pod's own deadline is left to report the failure.
  return activeDeadlineSeconds ? Math.min(wanted, Math.max(1, Math.floor(activeDeadlineSeconds * 0.8))) : wanted;
}
