import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';

/** A server's key and chain, the CA that signed it, and certificates by that CA for other names. */
export type Identity = { key: string; cert: string; ca: string; contextFor(name: string): Promise<SecureContext> };

type Pair = { private: string; cert: string };

const EC = { keyType: 'ec', algorithm: 'sha256' } as const;

/** A fresh CA and a certificate by it for this machine's own names and those given. */
export async function createIdentity(names: string[]): Promise<Identity> {
  const ca = await generate([{ name: 'commonName', value: 'in-memory AWS CA' }], {
    ...EC,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await issue(ca, ['localhost', '127.0.0.1', '::1', ...names]);
  const contexts = new Map<string, Promise<SecureContext>>();
  const create = async (name: string): Promise<SecureContext> => {
    const { private: key, cert } = await issue(ca, [name]);
    return createSecureContext({ key, cert, ca: ca.cert });
  };
  const contextFor = (name: string): Promise<SecureContext> => {
    const context = contexts.get(name) ?? create(name);
    contexts.set(name, context);
    return context;
  };
  return { key: leaf.private, cert: leaf.cert, ca: ca.cert, contextFor };
}

function issue(ca: Pair, names: string[]): Promise<Pair> {
  return generate([{ name: 'commonName', value: 'in-memory AWS' }], {
    ...EC,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((value) => (isIP(value) === 0 ? { type: 2, value } : { type: 7, ip: value })),
      },
    ],
  });
}
