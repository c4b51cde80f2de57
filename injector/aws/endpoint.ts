/** Decides to which URL the requests of a service go in a region. */
import type { AwsCredentialIdentity } from '@smithy/types';
import type { InjectorConfig } from '../contract/config.ts';
import type { ServiceName } from '../contract/services.ts';
import type { Trust } from './trust.ts';

/** Names the services of AWS that the injector uses, by the first part of their host names. */
export type EndpointName = 'sts' | ServiceName;

/** Says where the requests of a region go, and with which credentials. */
export type Target = {
  readonly config: InjectorConfig;
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  readonly trust: Trust;
};

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
 * Returns the URL of a service in a region, by the rules that the SDK has in its clients. In AWS GovCloud the usual endpoint is
 * the one with FIPS, and the usual one of Secrets Manager has both kinds of addresses.
 */
export function endpointOf(service: EndpointName, target: Region): URL {
  const own = ownEndpoint(service, target);
  if (own !== undefined) return withSlash(own);
  const { region } = target;
  const { useFipsEndpoint, useDualstackEndpoint } = endpointVariants(target, own);
  const [, domain, dualStack] = PARTITIONS.find(([start]) => region.startsWith(start)) ?? ['', '', ''];
  const isSecrets = service === 'secretsmanager';
  const isUsual = useFipsEndpoint && !useDualstackEndpoint && region.startsWith('us-gov-') && !isSecrets;
  const name = useFipsEndpoint && !isUsual ? `${service}-fips` : service;
  const hasBoth = isSecrets && (domain === 'amazonaws.com' || (domain === 'amazonaws.com.cn' && !useFipsEndpoint));
  return new URL(`https://${name}.${region}.${useDualstackEndpoint && !hasBoth ? dualStack : domain}`);
}

/** Returns the URL with a slash at the end of its path, where the SDK puts one. */
function withSlash(text: string): URL {
  const url = new URL(text);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
