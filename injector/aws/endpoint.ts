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

/** Returns which of AWS's endpoints to use. The SDK refuses both settings beside a configured endpoint. */
export function endpointVariants({ config: { aws } }: Pick<Region, 'config'>, endpoint: string | undefined) {
  const own = endpoint !== undefined;
  return {
    useFipsEndpoint: !own && aws?.useFipsEndpoint === true,
    useDualstackEndpoint: !own && aws?.useDualstackEndpoint === true,
  };
}

/** Has what a region's name begins with, and the domains of its endpoints: the usual one, and that of both kinds of addresses. */
const PARTITIONS: readonly (readonly [start: string, domain: string, dualStack: string])[] = [
  ['cn-', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn'],
  ['eusc-', 'amazonaws.eu', 'api.amazonwebservices.eu'],
  ['us-iso-', 'c2s.ic.gov', 'api.aws.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov', 'api.aws.scloud'],
  ['eu-isoe-', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov'],
  ['', 'amazonaws.com', 'api.aws'],
];

/**
 * Returns the URL of STS in a region, by the rules that the SDK has for its client of STS: the first request is made before the SDK
 * is loaded. In AWS GovCloud the usual endpoint is the one with FIPS.
 */
export function stsEndpoint(target: Region): URL {
  const own = ownEndpoint('sts', target);
  if (own !== undefined) return new URL(own);
  const { region } = target;
  const { useFipsEndpoint, useDualstackEndpoint } = endpointVariants(target, own);
  const [, domain, dualStack] = PARTITIONS.find(([start]) => region.startsWith(start)) ?? ['', '', ''];
  const isUsual = useFipsEndpoint && !useDualstackEndpoint && region.startsWith('us-gov-');
  const name = useFipsEndpoint && !isUsual ? 'sts-fips' : 'sts';
  return new URL(`https://${name}.${region}.${useDualstackEndpoint ? dualStack : domain}`);
}
