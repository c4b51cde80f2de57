/** Decides to which URL the requests of a service go in a region. */
import type { InjectorConfig } from '../contract/config.ts';
import type { ServiceName } from '../contract/services.ts';

/** Names the services of AWS that the injector uses, by the first part of their host names. */
export type EndpointName = 'sts' | ServiceName;

type Region = { readonly config: Pick<InjectorConfig, 'aws' | 'region'>; readonly region: string };

/**
 * Returns the configured endpoint of a service, or undefined if AWS's own is used. The endpoints in `endpoints` are VPC
 * endpoints of one region; `endpointUrl` is an emulator of all of AWS.
 */
export function ownEndpoint(service: EndpointName, { config, region }: Region): string | undefined {
  const { aws = {} } = config;
  return (region === (aws.region ?? config.region) ? aws.endpoints?.[service] : undefined) ?? aws.endpointUrl;
}

/** Returns which of AWS's endpoints to use. Both settings have no effect beside a configured endpoint. */
export function endpointVariants({ config: { aws } }: Pick<Region, 'config'>, endpoint: string | undefined) {
  const own = endpoint !== undefined;
  return {
    useFipsEndpoint: !own && aws?.useFipsEndpoint === true,
    useDualstackEndpoint: !own && aws?.useDualstackEndpoint === true,
  };
}

/** Has the names of the hosts of a partition of AWS: those of the usual kind, and those that have IPv6 as well. */
type Partition = { readonly regions: RegExp; readonly suffix: string; readonly dualStack: string };

/** Lists the partitions beside AWS's own, as the SDK's partitions.json has them. */
const PARTITIONS: readonly Partition[] = [
  { regions: /^cn-/, suffix: 'amazonaws.com.cn', dualStack: 'api.amazonwebservices.com.cn' },
  { regions: /^eusc-/, suffix: 'amazonaws.eu', dualStack: 'api.amazonwebservices.eu' },
  { regions: /^us-iso-/, suffix: 'c2s.ic.gov', dualStack: 'api.aws.ic.gov' },
  { regions: /^us-isob-/, suffix: 'sc2s.sgov.gov', dualStack: 'api.aws.scloud' },
  { regions: /^eu-isoe-/, suffix: 'cloud.adc-e.uk', dualStack: 'api.cloud-aws.adc-e.uk' },
  { regions: /^us-isof-/, suffix: 'csp.hci.ic.gov', dualStack: 'api.aws.hci.ic.gov' },
];

const AWS: Omit<Partition, 'regions'> = { suffix: 'amazonaws.com', dualStack: 'api.aws' };

/** The usual names of Secrets Manager have addresses of both kinds in these partitions, and so has its FIPS name in GovCloud. */
const BOTH_KINDS = /^(amazonaws\.com|amazonaws\.com\.cn)$/;

/**
 * Returns the URL to which the requests to a service go: the configured one, or AWS's own by the rules of the SDK, with which
 * test/injector/aws/endpoint.test.ts compares them.
 */
export function endpointOf(service: EndpointName, target: Region): URL {
  const own = ownEndpoint(service, target);
  if (own !== undefined) return new URL(own);
  const { region } = target;
  const { useFipsEndpoint: isFips, useDualstackEndpoint: isDualStack } = endpointVariants(target, own);
  const { suffix, dualStack } = PARTITIONS.find(({ regions }) => regions.test(region)) ?? AWS;
  const isGov = region.startsWith('us-gov-');
  if (service === 'secretsmanager') {
    const isUsual = isDualStack && BOTH_KINDS.test(suffix) && (!isFips || suffix === AWS.suffix);
    return url(`secretsmanager${isFips ? '-fips' : ''}`, region, isDualStack && !isUsual ? dualStack : suffix);
  }
  // The usual names in GovCloud are FIPS endpoints.
  if (isFips && isGov && !isDualStack) return url(service, region, suffix);
  return url(`${service}${isFips ? '-fips' : ''}`, region, isDualStack ? dualStack : suffix);
}

function url(name: string, region: string, suffix: string): URL {
  return new URL(`https://${name}.${region}.${suffix}`);
}
