/**
 * Explains failures of FIPS endpoints, which AWS has for a service in a few regions only.
 * https://aws.amazon.com/compliance/fips/
 */
import { type EndpointName, ownEndpoint } from '../aws/endpoint.ts';
import { factsOf, isFromProxy, type RegionError, rootOf } from '../aws/error.ts';
import type { InjectorConfig } from '../contract/config.ts';
import { codeOf } from './error.ts';

/**
 * Returns what to do about a FIPS endpoint that does not answer: the SDK makes its name from the region, whether it exists or
 * not. Undefined if the request did not go to one of AWS's FIPS endpoints, or if AWS answered it.
 */
export function fipsFix(
  error: RegionError,
  service: EndpointName,
  config: Pick<InjectorConfig, 'aws' | 'region'>,
): string | undefined {
  const { region } = error;
  if (config.aws?.useFipsEndpoint !== true || ownEndpoint(service, { config, region }) !== undefined) return undefined;
  const facts = factsOf(rootOf(error));
  const code = codeOf(error);
  if (code !== 'ASI_AWS_PROXY' && code !== 'ASI_AWS_UNAVAILABLE') return undefined;
  if (facts.status !== undefined && !isFromProxy(facts)) return undefined;
  const host = `https://${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return (
    `The chart value aws.useFipsEndpoint is set, and AWS may have no FIPS endpoint of this service in ${region}: ` +
    `set aws.endpoints.${service} to ${host}, which is not FIPS, or use a region that has one.`
  );
}
