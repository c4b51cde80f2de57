import { createPrivateKey, X509Certificate } from 'node:crypto';
import t from 'tap';
import { isOurAuthority, issueAuthority, issueLeaf, serviceNames } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const NAMES = serviceNames('hook', 'injector');
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const authority = await issueAuthority(NOW, POLICY);
const ca = new X509Certificate(authority.cert);
const leafPair = await issueLeaf(NOW, authority, NAMES, POLICY);
const leaf = new X509Certificate(leafPair.cert);

/** The extension's bytes, as DER writes them: the object identifier, then TRUE where it is critical. */
function hasExtension(certificate: X509Certificate, oid: string, value: string): boolean {
  return certificate.raw.toString('hex').includes(`${oid}0101ff04${value}`);
}

t.test('the CA signs itself, certificates and revocation lists, and no further CA', (t) => {
  t.ok(ca.ca && ca.checkIssued(ca) && ca.verify(ca.publicKey));
  t.ok(hasExtension(ca, '0603551d13', '0830060101ff020100'), 'basic constraints: CA, path length 0');
  t.ok(hasExtension(ca, '0603551d0f', '0403020106'), 'key usage: keyCertSign and cRLSign only');
  t.end();
});

t.test('the leaf serves TLS for the three names of the Service and signs no certificates', (t) => {
  t.notOk(leaf.ca);
  t.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
  t.same(
    leaf.subjectAltName?.split(', '),
    NAMES.map((name) => `DNS:${name}`),
  );
  t.same(leaf.keyUsage, [SERVER_AUTH]);
  t.ok(hasExtension(leaf, '0603551d0f', '0403020780'), 'key usage: digitalSignature only');
  t.end();
});

t.test('keys are P-256, signatures ECDSA with SHA-256', (t) => {
  for (const one of [ca, leaf]) {
    t.equal(one.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    t.ok(one.raw.toString('hex').includes('06082a8648ce3d040302'), 'ecdsa-with-SHA256');
  }
  t.ok(leaf.checkPrivateKey(createPrivateKey(leafPair.key)));
  t.end();
});

t.test('both begin an hour ago; the leaf ends after 90 days', (t) => {
  t.same(ca.validFromDate, new Date(NOW.getTime() - POLICY.backdate));
  t.same(leaf.validFromDate, new Date(NOW.getTime() - POLICY.backdate));
  t.same(leaf.validToDate, new Date(NOW.getTime() + POLICY.leafLifetime));
  t.end();
});

t.test('a leaf never outlives its CA, nor begins before it', async (t) => {
  const late = new Date(ca.validToDate.getTime() - 60_000);
  t.same(new X509Certificate((await issueLeaf(late, authority, NAMES, POLICY)).cert).validToDate, ca.validToDate);
  const early = new Date(NOW.getTime() - 30_000);
  t.same(new X509Certificate((await issueLeaf(early, authority, NAMES, POLICY)).cert).validFromDate, ca.validFromDate);
});

t.test('certificates are plain PEM with an end of line, so that they may follow each other', (t) => {
  t.equal(leafPair.cert, leaf.toString());
  t.ok(authority.cert.endsWith('\n'));
  t.end();
});

t.test('serial numbers and the subjects of CAs are never the same', async (t) => {
  const more = await Promise.all(Array.from({ length: 20 }, () => issueAuthority(NOW, POLICY)));
  const certificates = more.map(({ cert }) => new X509Certificate(cert));
  t.equal(new Set(certificates.map((one) => one.serialNumber)).size, 20);
  t.equal(new Set(certificates.map((one) => one.subject)).size, 20);
});

t.test('our CAs are distinguished from leaves', (t) => {
  t.ok(isOurAuthority(ca));
  t.notOk(isOurAuthority(leaf));
  t.end();
});

t.test('names as long as Kubernetes allows are no trouble', async (t) => {
  const long = serviceNames('s'.repeat(63), 'n'.repeat(63));
  const { cert } = await issueLeaf(NOW, authority, long, POLICY);
  t.ok(long.every((name) => new X509Certificate(cert).checkHost(name)));
});

const other = await issueAuthority(NOW, POLICY);

const UNFIT = {
  'the key of another CA': { authority: { ...authority, key: other.key }, names: NAMES, why: 'signature' },
  'a leaf in place of a CA': { authority: leafPair, names: NAMES, why: 'issuer' },
  'a name that no certificate can have': { authority, names: [...NAMES, ''], why: 'name ' },
};

for (const [what, { authority: signer, names, why }] of Object.entries(UNFIT)) {
  t.test(`no certificate is handed out that clients would refuse: ${what}`, async (t) => {
    await t.rejects(issueLeaf(NOW, signer, names, POLICY), {
      message: `a certificate came out wrong (${why}); it is not used`,
    });
  });
}
