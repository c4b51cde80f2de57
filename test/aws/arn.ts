/** Says where a resource is. */
export type Location = { account: string; region: string };

/** Says where something is put. The server's own account and region stand for an absent member. */
export type OptionalLocation = { account?: string | undefined; region?: string | undefined };

/** Returns the ARN partition of a region. */
function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Returns `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. */
export function arn(service: string, location: Location, resource: string): string {
  return `arn:${partition(location.region)}:${service}:${location.region}:${location.account}:${resource}`;
}

/** Returns the parts of an ARN, or undefined for any other text. The resource keeps its colons. */
export function parseArn(text: string): (Location & { service: string; resource: string }) | undefined {
  const match = /^arn:(?:aws|aws-cn|aws-us-gov):([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(.+)$/s.exec(text);
  if (match === null) return undefined;
  const [, service = '', region = '', account = '', resource = ''] = match;
  return { service, region, account, resource };
}
