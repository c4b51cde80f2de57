/** Makes certificates, and hands out none that it has not checked. */
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import type { generate as Generate } from 'selfsigned';
import type { Pair } from '../host.ts';
import { leafEnd, type Policy } from './lifecycle.ts';

const ORGANIZATION = 'aws-secrets-injector';

const KEY = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** Returns the names under which the API server, and people, reach the Service. */
export function serviceNames(service: string, namespace: string): string[] {
  return [`${service}.${namespace}.svc`, `${service}.${namespace}.svc.cluster.local`, `${service}.${namespace}`];
}

/** Returns whether a certificate was made by {@link issueAuthority}, here or in another replica. */
export function isOurAuthority(certificate: X509Certificate): boolean {
  return certificate.ca && certificate.subject.split('\n').includes(`O=${ORGANIZATION}`);
}

/** Makes a new CA. Its subject is unique: OpenSSL finds issuers by subject, and a bundle holds more than one CA of ours. */
export async function issueAuthority(now: Date, policy: Policy): Promise<Pair> {
  const name = `${ORGANIZATION} CA ${randomBytes(8).toString('hex')}`;
  const made = await (await maker())(subject(name), {
    ...KEY,
    notBeforeDate: new Date(now.getTime() - policy.backdate),
    notAfterDate: new Date(now.getTime() + policy.authorityLifetime),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return checked({ cert: made.cert, key: made.private }, { cert: made.cert, names: [], ca: true });
}

/** Makes a new server certificate for these names, signed by the CA, that ends no later than the CA. */
export async function issueLeaf(now: Date, authority: Pair, names: readonly string[], policy: Policy): Promise<Pair> {
  const start = Math.max(now.getTime() - policy.backdate, new X509Certificate(authority.cert).validFromDate.getTime());
  const made = await (await maker())(subject(ORGANIZATION), {
    ...KEY,
    notBeforeDate: new Date(start),
    notAfterDate: leafEnd(now, authority.cert, policy),
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  return checked({ cert: made.cert, key: made.private }, { cert: authority.cert, names, ca: false });
}

/** Loads the library when a certificate is due: most replicas find one that another has made. */
async function maker(): Promise<typeof Generate> {
  const { generate } = await import('selfsigned');
  return generate;
}

/** RFC 5280 allows 64 characters in a common name, fewer than a Service's name may have: names are only in the SAN. */
function subject(commonName: string): { name: string; value: string }[] {
  return [
    { name: 'commonName', value: commonName },
    { name: 'organizationName', value: ORGANIZATION },
  ];
}

function checked(pair: Pair, wanted: { cert: string; names: readonly string[]; ca: boolean }): Pair {
  const made = new X509Certificate(pair.cert);
  const issuer = new X509Certificate(wanted.cert);
  const failed = [
    made.ca !== wanted.ca && 'CA flag',
    !made.checkIssued(issuer) && 'issuer',
    !made.verify(issuer.publicKey) && 'signature',
    !made.checkPrivateKey(createPrivateKey(pair.key)) && 'private key',
    ...wanted.names.map((name) => !made.checkHost(name) && `name ${name}`),
  ].filter((one) => one !== false);
  if (failed.length > 0) throw new Error(`a certificate came out wrong (${failed.join(', ')}); it is not used`);
  return { cert: made.toString(), key: pair.key };
}
