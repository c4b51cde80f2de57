/** Explains errors of AWS: ASCP's headline, the cause with AWS's own error code, and what to change where. */
import { factsOf, RegionError, rootOf, verdictOf } from '../aws/error.ts';
import type { ConfigSearch } from '../contract/config.ts';
import { SERVICES } from '../contract/services.ts';
import type { Source } from '../contract/source.ts';
import { oneLine } from '../contract/text.ts';
import { FAILURES, type Failure, type FailureCode } from '../errors.ts';
import { CATALOGUE } from '../services/catalogue.ts';
import { type AccessConfig, explainCredentials } from './credentials.ts';
import { denialFix, isExplicitDeny } from './denial.ts';
import { causeOf, codeOf, ENDPOINT_FIX, isNamed } from './error.ts';
import { fipsFix } from './fips.ts';

/** Is the error of one region, or of both. */
export type FetchError = RegionError | AggregateError;

/** Returns the failure that says why an object could not be fetched. */
export function explainFetch(source: Source, error: FetchError, config: AccessConfig): Failure {
  const { readAction: action } = CATALOGUE[source.service];
  const subject = oneLine(source.name, 120);
  const detail = (each: RegionError): Detail => ({
    service: source.service,
    action,
    ...(source.failover?.region === each.region ? source.failover : source),
    region: each.region,
  });
  return { subject, headline: headlineOf(source, error), ...explainAll(error, detail, config) };
}

/** Returns the failure that says why a search failed. */
export function explainSearch(search: ConfigSearch, error: FetchError, config: AccessConfig): Failure {
  const what = describeSearch(search);
  const detail = (each: RegionError): Detail => ({
    service: search.service,
    action: each.about?.action ?? 'the request',
    name: each.about?.name,
    region: each.region,
    isSearch: true,
  });
  const regions = regionErrors(error).map(({ region }) => region);
  const nothing = regionErrors(error).some((each) => factsOf(each).name === 'NothingFound');
  const headline = nothing
    ? `There are no ${what} in ${regions.join(', ')}.`
    : `${regions.join(', ')}: Failed fetching ${what}:`;
  const failure = { subject: oneLine(what, 120), headline, ...explainAll(error, detail, config) };
  return nothing
    ? { ...failure, fix: 'Correct the path, prefix, tags, regexp or region, or write optional: true.' }
    : failure;
}

/** Returns what the search looks for, in words that fit into a sentence. */
function describeSearch(search: ConfigSearch): string {
  const matching = search.regexp === undefined ? '' : ` whose names match ${oneLine(search.regexp, 100)}`;
  return describeFound(search) + matching;
}

function describeFound(search: ConfigSearch): string {
  const { plural } = SERVICES[search.service];
  const place = 'path' in search ? [`below ${oneLine(search.path, 300)}`] : [];
  const tags = Object.entries(search.tags ?? {}).map(([key, value]) => `the tag ${oneLine(`${key}=${value}`, 100)}`);
  const prefix = 'path' in search || search.prefix === undefined ? [] : [`the prefix ${oneLine(search.prefix, 300)}`];
  const having = [...prefix, ...tags].map((text, index) => `${index === 0 ? 'with' : 'and'} ${text}`);
  return [plural, ...place, ...having].join(' ');
}

/** Says what was requested where. `name` is undefined if the IAM action is on all resources. */
type Detail = Pick<Source, 'service' | 'version' | 'label'> & {
  readonly action: string;
  readonly name: string | undefined;
  readonly region: string;
  readonly isSearch?: true;
};

type Explained = { code: FailureCode; cause: string; fix?: string };

/** Joins the causes and fixes of both regions. The code is that of the region whose error is more likely to pass. */
function explainAll(error: FetchError, detail: (error: RegionError) => Detail, config: AccessConfig): Explained {
  const errors = regionErrors(error);
  const each = errors.map((one) => explainOne(one, detail(one), config));
  const deciding = Math.max(
    0,
    errors.findIndex((one) => verdictOf(one) === verdictOf(error)),
  );
  const fixes = [...new Set(each.flatMap(({ fix }) => fix ?? []))];
  return {
    code: each[deciding]?.code ?? 'ASI_AWS_UNAVAILABLE',
    cause: each.map(({ cause }) => cause).join(' '),
    ...(fixes.length === 0 ? {} : { fix: fixes.join(' ') }),
  };
}

function regionErrors(error: FetchError): RegionError[] {
  return error instanceof RegionError ? [error] : error.errors.filter((each) => each instanceof RegionError);
}

function explainOne(error: RegionError, detail: Detail, config: AccessConfig): Explained {
  if (error.step !== 'request') {
    const { code, headline, cause = '', fix } = explainCredentials(error, config);
    return { code, cause: `${headline} ${cause}`, ...(fix === undefined ? {} : { fix }) };
  }
  const code = codeOf(error);
  const cause = `${causeOf(error, detail.action)} It was asked for in ${error.region} with the role ${roleOf(config)}${selectorOf(detail)}.`;
  const fips = fipsFix(error, detail.service, config);
  return { code, cause, ...(fips === undefined ? fixOf(error, code, detail, config) : { fix: fips }) };
}

/** Returns ASCP's own first words, which its users know and search for. The name of the object is the one in the first region. */
function headlineOf(source: Source, error: FetchError): string {
  const object = oneLine(source.name, 300);
  const [first] = regionErrors(error);
  const region = first?.region ?? '';
  const { name } = factsOf(rootOf(first));
  const single = error instanceof RegionError && error.step === 'request';
  const fatal =
    single && /^(ResourceNotFound|InvalidParameterException|InvalidRequest|DecryptionFailure|InvalidKeyId)/.test(name);
  const { headlines } = CATALOGUE[source.service];
  if (single && name === 'MissingParameters' && headlines.missing !== undefined) {
    const asked = source.failover?.region === region ? source.failover : source;
    const selector = asked.version ?? asked.label;
    return headlines.missing(`${oneLine(asked.name, 300)}${selector === undefined ? '' : `:${selector}`}`, region);
  }
  return fatal ? headlines.fatal(object, region) : headlines.other(object);
}

/** Returns the role whose permissions count. Nobody but EKS knows the role of a Pod Identity association. */
function roleOf({ identity, assume }: AccessConfig): string {
  if (assume !== undefined) return assume.roleArn;
  return identity.kind === 'web-identity' ? identity.roleArn : 'of its Pod Identity association';
}

function selectorOf({ service, version, label }: Detail): string {
  const { labelWord } = SERVICES[service];
  return `${version === undefined ? '' : `, version ${version}`}${label === undefined ? '' : `, ${labelWord} ${label}`}`;
}

function fixOf(error: RegionError, code: FailureCode, detail: Detail, config: AccessConfig): { fix?: string } {
  const arn = arnOf(detail, config);
  const root = rootOf(error);
  if (code === 'ASI_AWS_REQUEST' && !isNamed(root)) return { fix: ENDPOINT_FIX };
  if (code === 'ASI_AWS_REQUEST' && detail.isSearch)
    return { fix: 'Correct the path, prefix, tags or region of the search.' };
  if (code === 'ASI_AWS_DENIED') return { fix: denialFix(root, detail.action, arn) + parameterHint(detail) };
  if (code === 'ASI_AWS_KMS') {
    const key = `the KMS key of ${arn}`;
    const fix = `Allow kms:Decrypt on ${key}, in the policy of the role and in the policy of the key.`;
    return { fix: isExplicitDeny(root) ? denialFix(root, 'kms:Decrypt', key) : fix };
  }
  if (code === 'ASI_AWS_NOT_FOUND') return { fix: FAILURES[code].fix + parameterHint(detail) };
  return {};
}

/** Returns a hint for a secret whose name starts with `/`, because most names with a slash first are those of parameters. */
function parameterHint({ service, name = '', isSearch }: Detail): string {
  if (service !== 'secretsmanager' || isSearch || !name.startsWith('/')) return '';
  return ` If it is a parameter, write ssm:${oneLine(name, 300)}, or objectType: ssmparameter in objects.`;
}

/** Returns the ARN of the object as an IAM policy names it. */
function arnOf({ service, name, region }: Detail, { identity, assume }: AccessConfig): string {
  if (name === undefined) return '*';
  const subject = oneLine(name, 300);
  if (subject.startsWith('arn:')) return subject;
  const roleArn = assume?.roleArn ?? (identity.kind === 'web-identity' ? identity.roleArn : undefined);
  const [, partition = partitionOf(region), , , account = '*'] = roleArn?.split(':') ?? [];
  return `arn:${partition}:${service}:${region}:${account}:${CATALOGUE[service].resourceOf(subject)}`;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
