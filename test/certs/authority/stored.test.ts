import t from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { readStored, type Stored, writeStored } from '../../../certs/authority/stored.ts';
import type { SecretData } from '../../../certs/host.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const authority = await issueAuthority(NOW, POLICY);
const next = await issueAuthority(NOW, POLICY);
const old = await issueAuthority(NOW, POLICY);
const leaf = await issueLeaf(NOW, authority, ['hook.injector.svc'], POLICY);
const FULL: Stored = { leaf, authority, next: { ...next, published: NOW }, retired: { certs: old.cert, until: NOW } };

/** The data of an empty Secret after this was written into it. */
function written(stored: Stored): SecretData {
  return Object.fromEntries(
    Object.entries(writeStored(stored)).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Certificates lose a line's end or gain one on the way; what they say stays. */
function trimmed(stored: Stored): unknown {
  return JSON.parse(JSON.stringify(stored), (_, value) => (typeof value === 'string' ? value.trim() : value));
}

t.test('what is written is read again', (t) => {
  const { stored, broken } = readStored(written(FULL));
  t.same(trimmed(stored), trimmed(FULL));
  t.same(broken, []);
  t.end();
});

t.test('nothing is broken in the empty Secret that the chart makes', (t) => {
  const { stored, broken } = readStored({ more: 'of others' });
  t.same(broken, []);
  t.ok(Object.values(stored).every((part) => part === undefined));
  t.end();
});

t.test('a Secret with only a CA is whole, though it has no certificate yet', (t) => {
  const bare = { leaf: undefined, authority, next: undefined, retired: undefined };
  const data = written(bare);
  t.equal(data['tls.crt'], '', 'the type kubernetes.io/tls demands the key');
  t.same(readStored(data).broken, []);
  t.same(trimmed(readStored(data).stored), trimmed(bare));
  t.end();
});

const BROKEN: Record<string, [SecretData, string[]]> = {
  'the key of another certificate': [{ 'tls.key': next.key }, ['tls.crt and tls.key']],
  'no key': [{ 'tls.key': '' }, ['tls.crt and tls.key']],
  'half a certificate': [{ 'tls.crt': leaf.cert.slice(0, 200) }, ['tls.crt and tls.key']],
  'a CA without its key': [{ 'ca.key': '' }, ['ca.key']],
  'a leaf for a CA': [{ 'ca.crt': leaf.cert, 'ca.key': leaf.key }, ['ca.crt']],
  'half of the next CA': [{ 'next-ca.key': 'x' }, ['next-ca.crt and next-ca.key']],
  'no date for the retired CA': [{ 'old-ca.until': 'tomorrow' }, ['old-ca.crt and old-ca.until']],
};

for (const [what, [change, expected]] of Object.entries(BROKEN)) {
  t.test(`a Secret with ${what} is reported as broken there, and the rest is used`, (t) => {
    const { stored, broken } = readStored({ ...written(FULL), ...change });
    t.same(broken, expected);
    const lost = Object.values(stored).filter((part) => part === undefined).length;
    t.equal(lost, expected[0] === 'ca.key' ? 0 : 1);
    t.end();
  });
}

const KEYS = [
  'tls.crt',
  'tls.key',
  'ca.crt',
  'ca.key',
  'next-ca.crt',
  'next-ca.key',
  'next-ca.published',
  'old-ca.crt',
  'old-ca.until',
];

for (const key of KEYS) {
  t.test(`a Secret with nothing but ${key} is not the empty one of the chart, and has no CA`, async (t) => {
    t.match(readStored({ [key]: 'x' }).broken.join(), /ca\.crt/);
  });
}

t.test('each key that has nothing any more is taken out of the Secret', async (t) => {
  const nothing = { leaf: undefined, authority: undefined, next: undefined, retired: undefined };
  const empty = ['tls.crt', 'tls.key', 'ca.crt', 'ca.key'];
  t.strictSame(
    writeStored(nothing),
    Object.fromEntries(KEYS.map((key) => [key, empty.includes(key) ? '' : undefined])),
  );
});
