import type { IssuerInput } from './server.ts';

/** An issuer of web identity tokens with its private key. */
export type Issuer = IssuerInput & {
  /** A signed JWT with exactly these claims and this issuer's `iss`. */
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
export function createIssuer(_options: { issuer?: string; algorithm?: 'RS256' | 'ES256' } = {}): Issuer {
  throw new Error('not built yet');
}

/** A token like the kubelet's projected ones, `sub` system:serviceaccount:NAMESPACE:NAME. */
export function serviceAccountToken(_issuer: Issuer, _claims: ServiceAccountClaims): string {
  throw new Error('not built yet');
}
