/** Has the TLS settings of the webhook: the least version, and whose certificates it asks for. */
import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';

export type Pair = { readonly cert: string; readonly key: string };

type Tls = SecureContextOptions & { readonly requestCert: boolean; readonly rejectUnauthorized: boolean };

/** Has all ciphers of TLS 1.3, and those of TLS 1.2 that have forward secrecy and authenticated encryption. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  ...['ECDSA', 'RSA'].flatMap((key) =>
    ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].map((cipher) => `ECDHE-${key}-${cipher}`),
  ),
].join(':');

/**
 * Returns the options without the certificate, which comes and changes while the server runs. With a client CA, only its
 * clients get in.
 */
export function tlsOptions(clientCa: string | undefined): Tls {
  const isAsked = clientCa !== undefined;
  return {
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    requestCert: isAsked,
    rejectUnauthorized: isAsked,
    ...(isAsked && { ca: clientCa }),
  };
}

type Secured = { readonly server: Server; getDecorator<T>(name: string): T };

/** Under this name an app keeps its TLS options, so that a new certificate changes none of them. */
export const TLS = 'tls';

/** Serves new connections with this certificate; those that are open keep the old one. */
export function useCertificate(app: Secured, { cert, key }: Pair): void {
  app.server.setSecureContext({ ...app.getDecorator<Tls>(TLS), cert, key });
}
