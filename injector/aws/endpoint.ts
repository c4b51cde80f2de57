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
