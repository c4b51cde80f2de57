import t from 'tap';
import { issueAuthority } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { holds, isCurrent, mergeBundles, pruneBundle, sameBundle, splitBundle } from '../../../certs/pem/bundle.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const LATER = new Date(NOW.getTime() + POLICY.authorityLifetime);
const a = (await issueAuthority(NOW, POLICY)).cert;
const b = (await issueAuthority(NOW, POLICY)).cert;
const later = (await issueAuthority(LATER, POLICY)).cert;

t.test('a bundle splits into its certificates, whatever stands around them and however their lines end', (t) => {
  const messy = `# the CA\n${a.replaceAll('\n', '\r\n')}noise${b.trim()}`;
  t.same(splitBundle(messy), splitBundle(a + b));
  t.equal(splitBundle(messy).length, 2);
  t.end();
});

t.test('what is no certificate is left out', (t) => {
  const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  t.same(splitBundle(broken + a), splitBundle(a));
  t.same(splitBundle(''), []);
  t.end();
});

t.test('merged bundles hold each certificate once, the first first', (t) => {
  t.equal(mergeBundles(a, `noise${b}${a}`, b), splitBundle(a).concat(splitBundle(b)).join(''));
  t.end();
});

t.test('pruning drops the certificates whose time is over or has not come', (t) => {
  t.equal(
    pruneBundle(a + later, (one) => isCurrent(one, NOW)),
    splitBundle(a)[0],
  );
  t.equal(
    pruneBundle(a + later, (one) => isCurrent(one, LATER)),
    splitBundle(later)[0],
  );
  t.end();
});

t.test('pruning leaves the others as they were, with nothing between them', (t) => {
  t.equal(
    pruneBundle(`${a}# a comment\n${b}`, () => true),
    splitBundle(a).concat(splitBundle(b)).join(''),
  );
  t.end();
});

t.test('a bundle holds a certificate that is in it, and no other', (t) => {
  t.ok(holds(a + b, b));
  t.notOk(holds(a, b));
  t.notOk(holds(a, ''));
  t.end();
});

t.test('two bundles are the same in any order, but not with one more, one less or a broken one', (t) => {
  t.ok(sameBundle(a + b, b + a));
  t.notOk(sameBundle(a, a + b));
  t.notOk(sameBundle(a + b, a));
  t.notOk(sameBundle(`${a}-----BEGIN CERTIFICATE-----\nMIIB`, a));
  t.notOk(sameBundle('', a));
  t.end();
});
