/** Says as whom a pod reaches AWS, in which regions and by which endpoints. */
import { type EndpointName, endpointVariants, ownEndpoint } from '../../injector/aws/endpoint.ts';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { assumedRoles } from '../../injector/contract/roles.ts';
import { SERVICE_NAMES } from '../../injector/contract/services.ts';
import { UNKNOWN_REGION, UNKNOWN_ROLE } from '../admission/world.ts';

export type Access = {
  /** The namespace and the name of the pod's ServiceAccount. */
  readonly serviceAccount: string;
  readonly identity: 'web-identity' | 'pod-identity';
  /** The ARN of the role; absent if nobody said it, and for Pod Identity, where only EKS knows it. */
  readonly role?: string;
  /** The audience of the token, if it is not that of STS. */
  readonly audience?: string;
  /** The roles that are assumed after the first credentials, in this order. */
  readonly assumedRoles?: readonly string[];
  readonly region: string;
  readonly failoverRegions: readonly string[];
  readonly endpoints: readonly Endpoint[];
  /** The addresses of the Pod Identity agent, in the order in which they are tried. */
  readonly agent?: readonly string[];
  readonly proxy?: string;
  readonly retryTimeoutSeconds: number;
};

/** Says where the requests to a service in a region go. */
type Endpoint = {
  readonly service: EndpointName;
  readonly region: string;
  /** The URL that the chart names; absent for AWS's own. */
  readonly url?: string;
  /** The kind of AWS's own endpoint; absent for the usual one. */
  readonly variant?: 'FIPS' | 'dual-stack' | 'FIPS and dual-stack';
};

/** Returns what the configuration says about the way to AWS. `serviceAccount` has its namespace and its name. */
export function accessOf(config: InjectorConfig, serviceAccount: string): Access {
  const { identity, assume, region, aws, retryTimeoutSeconds } = config;
  const isWeb = identity.kind === 'web-identity';
  return {
    serviceAccount,
    identity: identity.kind,
    ...(isWeb && identity.roleArn !== UNKNOWN_ROLE && { role: identity.roleArn }),
    ...(isWeb && identity.audience !== undefined && { audience: identity.audience }),
    ...(assume && { assumedRoles: assumedRoles(assume).map(({ roleArn }) => roleArn) }),
    region: known(region),
    failoverRegions: failoverRegions(config),
    endpoints: endpointsOf(config),
    ...(!isWeb && { agent: identity.addresses }),
    ...(aws?.httpsProxy !== undefined && { proxy: aws.httpsProxy }),
    retryTimeoutSeconds,
  };
}

function failoverRegions({ objects, searches = [] }: InjectorConfig): string[] {
  return [...new Set([...objects, ...searches].flatMap(secondRegionOf))];
}

function endpointsOf(config: InjectorConfig): Endpoint[] {
  const { identity, assume, objects, searches = [], region: own } = config;
  const usesSts = identity.kind === 'web-identity' || assume !== undefined;
  const asked = [...objects, ...searches].map((one) => ({ service: one.service, regions: regionsOf(one, own) }));
  const all = [...(usesSts ? [{ service: 'sts' as const, regions: [own] }] : []), ...asked];
  return (['sts', ...SERVICE_NAMES] as const).flatMap((service) => {
    const regions = all.filter((one) => one.service === service).flatMap((one) => one.regions);
    return [...new Set(regions)].map((region) => endpointIn(service, region, config));
  });
}

type Asked = InjectorConfig['objects'][number] | NonNullable<InjectorConfig['searches']>[number];

function regionsOf(asked: Asked, own: string): string[] {
  return [asked.region ?? own, ...secondRegionOf(asked)];
}

function secondRegionOf(asked: Asked): string[] {
  const second =
    'failover' in asked ? asked.failover?.region : 'failoverRegion' in asked ? asked.failoverRegion : undefined;
  return second === undefined ? [] : [second];
}

function endpointIn(service: EndpointName, region: string, config: InjectorConfig): Endpoint {
  const url = ownEndpoint(service, { config, region });
  const { useFipsEndpoint, useDualstackEndpoint } = endpointVariants({ config }, url);
  const variant = useFipsEndpoint
    ? useDualstackEndpoint
      ? 'FIPS and dual-stack'
      : 'FIPS'
    : useDualstackEndpoint && 'dual-stack';
  return { service, region: known(region), ...(url !== undefined && { url }), ...(variant && { variant }) };
}

function known(region: string): string {
  return region === UNKNOWN_REGION ? 'not known' : region;
}
