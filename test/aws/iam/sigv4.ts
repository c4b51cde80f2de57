import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../error.ts';

/** Has the parts of an HTTP request that a signature covers. */
export type SignedRequest = {
  method: string;
  /** The path and query as they arrived. */
  target: string;
  /** Lower-case names, all values of each. */
  headers: ReadonlyMap<string, string[]>;
  body: Buffer;
};

/** A key that the verifier finds by its id. */
export type AccessKey = { secretAccessKey: string; sessionToken?: string; expiresAt?: Date };

type Scope = { accessKeyId: string; date: string; region: string; service: string };

type Authorization = { scope: Scope; signedHeaders: string[]; signature: string };

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SKEW_MS = 5 * 60 * 1000;

/** Reads the Authorization header; undefined where the request is not signed. */
export function authorizationOf(request: SignedRequest): Authorization | undefined {
  const header = request.headers.get('authorization')?.join(',');
  if (header === undefined) return undefined;
  const match = /^AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/.exec(
    header,
  );
  const [accessKeyId, date, region, service, end] = match?.[1]?.split('/') ?? [];
  if (!match?.[2] || !match[3] || !accessKeyId || !date || !region || !service || end !== 'aws4_request') {
    throw new AwsError(
      'IncompleteSignatureException',
      'Authorization header requires existence of Credential, SignedHeaders and Signature parameters.',
    );
  }
  return { scope: { accessKeyId, date, region, service }, signedHeaders: match[2].split(';'), signature: match[3] };
}

/** Checks scope, time, token and signature. Throws AWS's errors. */
export function verifySignature(
  request: SignedRequest,
  authorization: Authorization,
  key: AccessKey | undefined,
  expected: { service: string; now: Date },
): void {
  const { scope, signedHeaders, signature } = authorization;
  checkScope(scope, expected.service);
  const date = single(request, 'x-amz-date');
  checkTime(date, scope, expected.now);
  checkHeaders(request, signedHeaders);
  const token = request.headers.get('x-amz-security-token')?.[0];
  if (key === undefined || token !== key.sessionToken) {
    throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (key.expiresAt !== undefined && expected.now >= key.expiresAt) {
    throw new AwsError('ExpiredTokenException', 'The security token included in the request is expired');
  }
  const right = sign(request, signedHeaders, scope, { date, secret: key.secretAccessKey });
  if (!timingSafeEqual(Buffer.from(right, 'hex'), Buffer.from(signature, 'hex'))) {
    throw invalid(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
}

function checkScope(scope: Scope, service: string): void {
  if (scope.service !== service) throw invalid(`Credential should be scoped to correct service: '${service}'. `);
  if (!/^[a-z]{2,}(-[a-z]+)+-\d$/.test(scope.region)) throw invalid('Credential should be scoped to a valid region. ');
}

function checkTime(date: string, scope: Scope, now: Date): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (parts === null) throw new AwsError('IncompleteSignatureException', "Date must be in ISO-8601 'basic format'.");
  const [, year, month, day, hour, minute, second] = parts;
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (scope.date !== date.slice(0, 8)) {
    throw invalid(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${date.slice(0, 8)}', from '${date}'.`,
    );
  }
  if (signed < now.getTime() - SKEW_MS) {
    throw invalid(
      `Signature expired: ${date} is now earlier than ${basic(now.getTime() - SKEW_MS)} (${basic(now.getTime())} - 5 min.)`,
    );
  }
  if (signed > now.getTime() + SKEW_MS) {
    throw invalid(
      `Signature not yet current: ${date} is still later than ${basic(now.getTime() + SKEW_MS)} (${basic(now.getTime())} + 5 min.)`,
    );
  }
}

function checkHeaders(request: SignedRequest, signed: string[]): void {
  const needed = [...request.headers.keys()].filter((name) => name === 'host' || name.startsWith('x-amz-'));
  const missing = ['host', ...needed].find((name) => !signed.includes(name));
  if (missing !== undefined) throw invalid(`'${missing}' must be a 'SignedHeader' in the AWS Authorization.`);
}

function sign(
  request: SignedRequest,
  signedHeaders: string[],
  scope: Scope,
  signing: { date: string; secret: string },
): string {
  const canonical = canonicalRequest(request, signedHeaders);
  const credentialScope = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const text = [ALGORITHM, signing.date, credentialScope, sha256(canonical)].join('\n');
  return createHmac('sha256', keyOf(scope, signing.secret)).update(text).digest('hex');
}

/** Has the last keys, each by what it is made of: a pod signs fifty requests with one. */
const keys = new Map<string, Buffer>();

const MOST_KEYS = 100;

/** Returns the key of a secret for one day, region and service. */
function keyOf({ date, region, service }: Scope, secret: string): Buffer {
  const steps = [date, region, service, 'aws4_request'];
  const name = JSON.stringify([secret, ...steps]);
  const known = keys.get(name);
  if (known !== undefined) return known;
  const first = Buffer.from(`AWS4${secret}`);
  const key = steps.reduce((by, step) => createHmac('sha256', by).update(step).digest(), first);
  if (keys.size === MOST_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}

function canonicalRequest(request: SignedRequest, signedHeaders: string[]): string {
  const { pathname, searchParams } = new URL(request.target, 'http://host');
  const path = pathname.split('/').map(encode).join('/');
  const query = [...searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const headers = signedHeaders
    .map((name) => `${name}:${(request.headers.get(name) ?? []).map(squeeze).join(',')}\n`)
    .join('');
  return [request.method, path, query, headers, signedHeaders.join(';'), payloadHash(request)].join('\n');
}

function payloadHash(request: SignedRequest): string {
  const actual = sha256(request.body);
  const declared = request.headers.get('x-amz-content-sha256')?.[0];
  if (declared !== undefined && declared !== actual) {
    throw invalid('The value passed in as x-amz-content-sha256 does not match the computed body.');
  }
  return actual;
}

function single(request: SignedRequest, name: string): string {
  const value = request.headers.get(name)?.[0];
  if (value === undefined) {
    throw new AwsError(
      'IncompleteSignatureException',
      `Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`,
    );
  }
  return value;
}

const squeeze = (value: string): string => value.trim().replace(/\s+/g, ' ');
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const basic = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
const invalid = (message: string): AwsError => new AwsError('InvalidSignatureException', message);

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
