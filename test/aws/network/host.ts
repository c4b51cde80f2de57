import type { ServiceName } from '../faults.ts';

/** Has what one of AWS's own host names says. */
export type AwsHost = {
  service: Exclude<ServiceName, 'pod-identity' | 'iam'>;
  /** The region that signatures have to name. */
  region: string;
};

const NAME =
  /^(?:(vpce-[a-z0-9-]+)\.)?(sts|secretsmanager|ssm)(-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.(vpce\.amazonaws\.com|amazonaws\.com|api\.aws|api\.amazonwebservices\.com)(\.cn)?$/;

/**
 * Reads a regional host name, FIPS, dualstack and VPC endpoints' names too, and STS's global one, which is us-east-1. With or
 * without a port. Undefined for any other name.
 */
export function parseHost(host: string): AwsHost | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (name === 'sts.amazonaws.com') return { service: 'sts', region: 'us-east-1' };
  const [, endpoint, service, fips, region = '', domain = '', china] = NAME.exec(name) ?? [];
  if (!isService(service)) return undefined;
  const inVpc = domain.startsWith('vpce.');
  if ((endpoint !== undefined) !== inVpc || (inVpc && fips !== undefined)) return undefined;
  if ((china !== undefined) !== region.startsWith('cn-')) return undefined;
  if (domain === 'api.aws' ? china !== undefined : domain.startsWith('api.') && china === undefined) return undefined;
  return { service, region };
}

function isService(text: string | undefined): text is AwsHost['service'] {
  return text === 'sts' || text === 'secretsmanager' || text === 'ssm';
}
