/** Makes the configuration of the injected container from the declaration and the settings of the chart. */
import type { ConfigObject, InjectorConfig } from '../../../injector/contract/config.ts';
import { AUDIENCE, ENVIRONMENT_DIRECTORY, SECRETS_DIRECTORY, TOKEN_FILE } from '../../../injector/contract/names.ts';
import type { Declaration } from '../../declare/declaration.ts';
import type { Pod } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { withSynced } from '../environment/synced.ts';
import type { EnvFiles } from '../environment/variables.ts';
import { earlierContainers, otherContainers } from '../position.ts';

/**
 * The link-local addresses of the EKS Pod Identity agent, which is the same on every node.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
const AGENT = { ipv4: 'http://169.254.170.23/v1/credentials', ipv6: 'http://[fd00:ec2::23]/v1/credentials' } as const;

export type ConfigInput = {
  readonly pod: Pod;
  readonly namespace: string;
  /** The role of the ServiceAccount; the identity `web-identity` needs it. */
  readonly role?: { readonly roleArn: string; readonly audience?: string } | undefined;
  readonly declaration: Declaration;
  /** The region of the webhook's cluster. */
  readonly ownRegion: string | undefined;
  readonly settings: AdmissionSettings;
  readonly envFiles: EnvFiles;
};

/** Returns the configuration of the injected container, without regard to a previous injection. */
export function makeConfig(input: ConfigInput): InjectorConfig {
  const { pod, namespace, declaration, settings, envFiles } = input;
  const { searches, templates, assume, failoverMode, envFile, logLevel } = declaration;
  const earlier = new Set(earlierContainers(pod, declaration.position));
  const objects = withSynced(
    declaration,
    envFiles.server ? otherContainers(pod).filter((one) => !earlier.has(one)) : [],
  );
  const environment = environmentOf(declaration, objects, envFiles);
  const aws = awsOf(input);
  return {
    version: 1,
    namespace,
    region: declaration.region,
    identity: identityOf(input),
    ...(assume && { assume }),
    directory: SECRETS_DIRECTORY,
    objects,
    ...((declaration.batch ?? settings.injector.batch) && { batch: true as const }),
    ...(searches.length > 0 && { searches: [...searches] }),
    ...(templates.length > 0 && { templates: [...templates] }),
    ...(failoverMode && { failoverMode }),
    ...(envFile && { envFile }),
    ...(environment && { environment }),
    retryTimeoutSeconds: retryTimeoutSeconds(pod, declaration.retryTimeoutSeconds),
    ...(aws && { aws }),
    log: { level: logLevel ?? settings.injector.logLevel, format: 'json' },
  };
}

function identityOf({ declaration: { identity }, role, settings }: ConfigInput): InjectorConfig['identity'] {
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
  { delivery }: Declaration,
  objects: readonly ConfigObject[],
  { everyNode }: EnvFiles,
): InjectorConfig['environment'] {
  const isRead = objects.some(({ environment = [] }) => environment.length > 0);
  if (!isRead && delivery !== 'shell') return undefined;
  return {
    directory: ENVIRONMENT_DIRECTORY,
    delivery: delivery === 'shell' ? 'shell' : 'kubelet',
    ...(isRead && !everyNode && { sentinel: true }),
  };
}

/**
 * Endpoints of the chart are those of a VPC, and so of the cluster's region. The injector uses them for that region
 * only.
 */
function awsOf({ settings, declaration, ownRegion }: ConfigInput): InjectorConfig['aws'] {
  const { region: _, endpoints = {}, ...others } = settings.aws;
  const { podIdentity: _agent, ...services } = endpoints;
  if (Object.keys(services).length === 0) return Object.keys(others).length > 0 ? others : undefined;
  const isElsewhere = ownRegion !== undefined && ownRegion !== declaration.region;
  return { ...others, endpoints: services, ...(isElsewhere && { region: ownRegion }) };
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
