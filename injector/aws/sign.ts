/**
 * Signs requests as AWS's Signature Version 4 has it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';

/** Has the credentials with which a request is signed. Those of a role have a session token. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

/** A POST request, whose headers are all signed. Their values have no blanks at the ends, and no two in a row. */
export type Signable = {
  /** The path, in which everything but letters, digits and `-._~/%` is escaped. */
  readonly path: string;
  /** The headers by their names in small letters, with `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Scope = {
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  /** The time of the signature in milliseconds since 1970. AWS takes requests for five minutes around its own time. */
  readonly now: number;
};

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Returns the headers of the request and those that sign it. */
export function sign(request: Signable, { credentials, region, service, now }: Scope): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const token = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
  const headers: Record<string, string> = { ...request.headers, 'x-amz-date': time, ...token };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const path = encodeURIComponent(request.path).replaceAll('%2F', '/');
  const canonical = ['POST', path, '', lines, names.join(';'), hash(request.body)].join('\n');
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const text = [ALGORITHM, time, scope.join('/'), hash(canonical)].join('\n');
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  const signature = hmac(key, text).toString('hex');
  const credential = [accessKeyId, ...scope].join('/');
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
