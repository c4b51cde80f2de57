import { arn, type Location, parseArn } from '../arn.ts';

export type ParameterInput = {
  name: string;
  value: string;
  /** Default String. */
  type?: 'String' | 'StringList' | 'SecureString' | undefined;
  region?: string | undefined;
  account?: string | undefined;
  /** Labels that move to this version. */
  labels?: string[] | undefined;
  /** ARN of a customer managed key (SecureString): decryption then needs kms:Decrypt on it. Default: aws/ssm, which needs nothing. */
  kmsKeyArn?: string | undefined;
  /** Accounts that it is shared with (they read it by full ARN). */
  sharedWith?: string[] | undefined;
  tags?: Record<string, string> | undefined;
};

export type ParameterVersion = {
  version: number;
  value: string;
  type: 'String' | 'StringList' | 'SecureString';
  kmsKeyArn: string | undefined;
  labels: Set<string>;
  modifiedAt: Date;
};

export type Parameter = Location & {
  name: string;
  arn: string;
  versions: ParameterVersion[];
  sharedWith: string[];
  tags: Record<string, string>;
};

/** Has the parameters of all accounts and regions, by ARN. */
export type ParameterStore = Map<string, Parameter>;

/** Creates the parameter, or adds a version to it. */
export function putParameter(
  store: ParameterStore,
  location: Location,
  input: ParameterInput,
  now: Date,
): { arn: string; version: number } {
  const id = parameterArn(location, input.name);
  const parameter = store.get(id) ?? { ...location, name: input.name, arn: id, versions: [], sharedWith: [], tags: {} };
  const version: ParameterVersion = {
    version: (parameter.versions.at(-1)?.version ?? 0) + 1,
    value: input.value,
    type: input.type ?? 'String',
    kmsKeyArn: input.kmsKeyArn,
    labels: new Set(input.labels),
    modifiedAt: now,
  };
  for (const other of parameter.versions) for (const label of version.labels) other.labels.delete(label);
  parameter.versions.push(version);
  parameter.sharedWith = input.sharedWith ?? parameter.sharedWith;
  parameter.tags = input.tags ?? parameter.tags;
  store.set(id, parameter);
  return { arn: id, version: version.version };
}

/** The ARN of a parameter's name; the name's own leading slash separates. */
export function parameterArn(location: Location, name: string): string {
  return arn('ssm', location, `parameter${name.startsWith('/') ? '' : '/'}${name}`);
}

/** Is what GetParameters is asked for: a name or an ARN, and a version or label. */
export type Asked = { text: string; locator: string; selector: string | undefined };

/** Splits `name:selector` and `arn:…:selector`. */
export function splitSelector(text: string): Asked {
  const start = text.startsWith('arn:') ? text.indexOf(':parameter/') + 1 : 0;
  const colon = text.indexOf(':', start);
  if (colon === -1) return { text, locator: text, selector: undefined };
  return { text, locator: text.slice(0, colon), selector: text.slice(colon + 1) };
}

/** The ARN that a name or ARN means, as seen from an account and region. */
export function resolveArn(location: Location, locator: string): string {
  return locator.startsWith('arn:') ? locator : parameterArn(location, locator);
}

/** The parameter of that ARN, where the account may see it: its own, or one shared with it. */
export function findParameter(store: ParameterStore, location: Location, locator: string): Parameter | undefined {
  const parameter = store.get(resolveArn(location, locator));
  if (parameter === undefined || parameter.region !== location.region) return undefined;
  if (parameter.account !== location.account)
    return parameter.sharedWith.includes(location.account) ? parameter : undefined;
  return locator === parameter.name || parseArn(locator) !== undefined ? parameter : undefined;
}

/** The version that a selector means: a number, a label, or the latest. */
export function findVersion(parameter: Parameter, selector: string | undefined): ParameterVersion | undefined {
  if (selector === undefined) return parameter.versions.at(-1);
  return parameter.versions.find((version) => String(version.version) === selector || version.labels.has(selector));
}
