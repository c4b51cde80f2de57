import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { IssuerInput } from './jwt.ts';

/** Is an issuer of web identity tokens with its private key. */
export type Issuer = IssuerInput & {
  /** Returns a signed JWT with exactly these claims and this issuer's `iss`. */
  sign(claims: { [claim: string]: unknown }): string;
};

export type ServiceAccountClaims = {
  namespace: string;
  serviceAccount: string;
  /** Default ['sts.amazonaws.com']. */
  audiences?: string[];
  pod?: string;
  /** Default: now. */
  issuedAt?: Date;
  /** Default 86400; negative values give an expired token. */
  lifetimeSeconds?: number;
};

/** Makes a key pair and its JWKS. Default issuer: an EKS-like URL; default algorithm: RS256, as Kubernetes uses. */
export function createIssuer(options: { issuer?: string; algorithm?: 'RS256' | 'ES256' } = {}): Issuer {
  const algorithm = options.algorithm ?? 'RS256';
  const id = randomUUID().replaceAll('-', '').toUpperCase();
  const issuer = options.issuer ?? `https://oidc.eks.eu-west-1.amazonaws.com/id/${id}`;
  const { publicKey, privateKey } = keyPair(algorithm);
  const kid = randomUUID();
  return {
    issuer,
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }] },
    sign: (claims) => encode({ alg: algorithm, kid }, { iss: issuer, ...claims }, privateKey),
  };
}

/** A token like the kubelet's projected ones, `sub` system:serviceaccount:NAMESPACE:NAME. */
export function serviceAccountToken(issuer: Issuer, claims: ServiceAccountClaims): string {
  const issued = Math.floor((claims.issuedAt ?? new Date()).getTime() / 1000);
  const { namespace, serviceAccount, pod } = claims;
  return issuer.sign({
    aud: claims.audiences ?? ['sts.amazonaws.com'],
    exp: issued + (claims.lifetimeSeconds ?? 86400),
    iat: issued,
    nbf: issued,
    jti: randomUUID(),
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    'kubernetes.io': {
      namespace,
      ...(pod === undefined ? {} : { pod: { name: pod, uid: randomUUID() } }),
      serviceaccount: { name: serviceAccount, uid: randomUUID() },
    },
  });
}

function keyPair(algorithm: 'RS256' | 'ES256'): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function encode(header: object, payload: object, key: KeyObject): string {
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
