/** Where a resource lives. */
export type Location = { account: string; region: string };

/** Where something is put; the server's own account and region where it does not say. */
export type OptionalLocation = { account?: string | undefined; region?: string | undefined };

/** The ARN partition of a region. */
function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE */
export function arn(service: string, location: Location, resource: string): string {
  return `arn:${partition(location.region)}:${service}:${location.region}:${location.account}:${resource}`;
}

/** The parts of an ARN; undefined for anything else. The resource keeps its colons. */
export function parseArn(text: string): (Location & { service: string; resource: string }) | undefined {
  const match = /^arn:(?:aws|aws-cn|aws-us-gov):([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(.+)$/s.exec(text);
  if (match === null) return undefined;
  const [, service = '', region = '', account = '', resource = ''] = match;
  return { service, region, account, resource };
}
