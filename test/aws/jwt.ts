import { createPublicKey, type JsonWebKeyInput, type KeyObject, verify } from 'node:crypto';
import { AwsError } from './error.ts';

/** Is a public key of a JWKS (RFC 7517). */
type JsonWebKey = { kty?: string; kid?: string; alg?: string; use?: string; [member: string]: unknown };

/** An OIDC provider that the accounts know: one of ours (createIssuer) or a real cluster's /openid/v1/jwks. */
export type IssuerInput = {
  /** The exact `iss` of the tokens. */
  issuer: string;
  jwks: { keys: JsonWebKey[] };
  /** The provider's client ids. Default ['sts.amazonaws.com']. */
  audiences?: string[] | undefined;
};

/** Has what a verified token says. */
export type Claims = { issuer: string; subject: string; audience: string; pod: string | undefined };

type Header = { alg?: unknown; kid?: unknown };
type Payload = { [claim in 'iss' | 'sub' | 'aud' | 'exp' | 'iat' | 'nbf']?: unknown } & {
  'kubernetes.io'?: { pod?: { name?: string } };
};

/** Checks a web identity token as STS does, against the providers that the account knows. Throws STS's errors. */
export function verifyToken(token: string, issuers: ReadonlyMap<string, IssuerInput>, now: Date): Claims {
  const { header, payload, signed, signature } = decode(token);
  const issuer = typeof payload.iss === 'string' ? payload.iss : '';
  const provider = issuers.get(issuer);
  if (provider === undefined) {
    throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
  checkSignature(header, provider, signed, signature);
  checkTimes(payload, now);
  if (typeof payload.sub !== 'string' || payload.sub === '') throw invalid('Missing a required claim: sub');
  const pod = payload['kubernetes.io']?.pod?.name;
  return { issuer, subject: payload.sub, audience: audienceOf(payload, provider), pod };
}

/** Returns the subject of a token without verifying the token. */
export function unverifiedSubject(token: string): string | undefined {
  try {
    const { sub } = decode(token).payload;
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

function decode(token: string): { header: Header; payload: Payload; signed: string; signature: Buffer } {
  const [header, payload, signature, ...rest] = token.split('.');
  try {
    if (!header || !payload || !signature || rest.length > 0) throw new Error('three parts are needed');
    return {
      header: JSON.parse(Buffer.from(header, 'base64url').toString()) as Header,
      payload: JSON.parse(Buffer.from(payload, 'base64url').toString()) as Payload,
      signed: `${header}.${payload}`,
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
}

function checkSignature(header: Header, provider: IssuerInput, signed: string, signature: Buffer): void {
  const algorithm = header.alg;
  const key = provider.jwks.keys.find(
    (candidate) => candidate.kid === header.kid && (candidate.alg === undefined || candidate.alg === algorithm),
  );
  if (key === undefined || (algorithm !== 'RS256' && algorithm !== 'ES256')) {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  const kind = algorithm === 'RS256' ? 'RSA' : 'EC';
  if (key.kty !== kind || !verify('sha256', Buffer.from(signed), verifier(key), signature)) {
    throw invalid('The ID Token signature is not valid');
  }
}

function verifier(key: JsonWebKey): { key: KeyObject; dsaEncoding: 'ieee-p1363' } {
  const input = { key, format: 'jwk' } as JsonWebKeyInput;
  return { key: createPublicKey(input), dsaEncoding: 'ieee-p1363' };
}

function checkTimes(payload: Payload, now: Date): void {
  const seconds = Math.floor(now.getTime() / 1000);
  const { exp, iat, nbf } = payload;
  if (typeof exp !== 'number') throw invalid('Missing a required claim: exp');
  if (typeof iat !== 'number') throw invalid('Missing a required claim: iat');
  if (seconds >= exp) {
    throw new AwsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`,
    );
  }
  const allowedSkew = 300;
  const notBefore = Math.max(iat, typeof nbf === 'number' ? nbf : 0);
  if (notBefore > seconds + allowedSkew) throw invalid('The ID Token is not valid yet');
}

function audienceOf(payload: Payload, provider: IssuerInput): string {
  const clients = provider.audiences ?? ['sts.amazonaws.com'];
  const found = [payload.aud].flat().find((audience) => clients.includes(String(audience)));
  if (found === undefined) throw invalid('Incorrect token audience');
  return String(found);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidIdentityToken', message);
}
