import t from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { readFolder } from '../../../certs/folder/folder.ts';
import { makeVolume } from '../support/volume.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const DAY = 24 * 3600_000;
const HOST = 'hook.injector.svc';
const DEMANDS = { now: NOW, host: HOST, authorities: true };

const authority = await issueAuthority(NOW, POLICY);
const other = await issueAuthority(NOW, POLICY);
const leaf = await issueLeaf(NOW, authority, [HOST], POLICY);
const otherLeaf = await issueLeaf(NOW, other, [HOST], POLICY);
const elsewhere = await issueLeaf(NOW, authority, ['other.injector.svc'], POLICY);
const early = await issueLeaf(new Date(NOW.getTime() + DAY), authority, [HOST], POLICY);

const FILES = { 'tls.crt': leaf.cert, 'tls.key': leaf.key, 'ca.crt': authority.cert };

/** Has the broken files of a folder, and the problem that is reported. */
const BROKEN: Record<string, { files: Record<string, string>; problem: RegExp }> = {
  'nothing in it': { files: {}, problem: /tls\.crt is missing/ },
  'an empty certificate': { files: { ...FILES, 'tls.crt': '' }, problem: /tls\.crt is missing, or no whole/ },
  'half a certificate': { files: { ...FILES, 'tls.crt': leaf.cert.slice(0, 300) }, problem: /tls\.crt .* no whole/ },
  'a chain that ends within its second certificate': {
    files: { ...FILES, 'tls.crt': leaf.cert + authority.cert.slice(0, 300) },
    problem: /tls\.crt .* no whole/,
  },
  'text for a certificate': {
    files: { ...FILES, 'tls.crt': '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n' },
    problem: /tls\.crt .* no whole/,
  },
  'no key': { files: { 'tls.crt': leaf.cert, 'ca.crt': authority.cert }, problem: /tls\.key is missing/ },
  'half a key': { files: { ...FILES, 'tls.key': leaf.key.slice(0, 60) }, problem: /tls\.key is missing, or does not/ },
  'the key of another certificate': { files: { ...FILES, 'tls.key': otherLeaf.key }, problem: /does not belong/ },
  'a certificate for another name': {
    files: { ...FILES, 'tls.crt': elsewhere.cert, 'tls.key': elsewhere.key },
    problem: /not for the name hook\.injector\.svc/,
  },
  'a certificate that has not begun': {
    files: { ...FILES, 'tls.crt': early.cert, 'tls.key': early.key },
    problem: /begins on 2026-11-22T/,
  },
  'no CA': { files: { 'tls.crt': leaf.cert, 'tls.key': leaf.key }, problem: /ca\.crt is missing/ },
  'half a CA': { files: { ...FILES, 'ca.crt': authority.cert.slice(0, 300) }, problem: /ca\.crt .* no whole/ },
  'the CA of another certificate': { files: { ...FILES, 'ca.crt': other.cert }, problem: /of no CA in ca\.crt/ },
};

for (const [what, { files, problem }] of Object.entries(BROKEN)) {
  t.test(`a folder with ${what} can not be used, and the reason is given`, async (t) => {
    const volume = makeVolume(t.testdir({}));
    await volume.write(files);
    t.match(await readFolder(volume.directory, DEMANDS), { problem });
  });
}

t.test('a certificate that has ended can not be used', async (t) => {
  const volume = makeVolume(t.testdir({}));
  await volume.write(FILES);
  const later = { ...DEMANDS, now: new Date(NOW.getTime() + 91 * DAY) };
  t.match(await readFolder(volume.directory, later), { problem: /ended on 2027-02-19T/ });
});

t.test('a folder that is not there is one without a certificate', async (t) => {
  t.match(await readFolder(`${t.testdir({})}/none`, DEMANDS), { problem: /tls\.crt is missing/ });
});

t.test('plain files, a chain, two CAs and text between certificates are fine', async (t) => {
  const directory = t.testdir({
    'tls.crt': `Subject: x\n${leaf.cert}${authority.cert}`,
    'tls.key': leaf.key,
    'ca.crt': `${other.cert}# ours\n${authority.cert}`,
  });
  const read = await readFolder(directory, DEMANDS);
  t.same(read, {
    pair: { cert: leaf.cert + authority.cert, key: leaf.key },
    authorities: other.cert + authority.cert,
  });
});

t.test('a CA is only demanded where it is to be published', async (t) => {
  const directory = t.testdir({ 'tls.crt': leaf.cert, 'tls.key': leaf.key });
  t.match(await readFolder(directory, { ...DEMANDS, authorities: false }), { pair: leaf, authorities: '' });
});

t.test('no read mixes two generations of a volume', async (t) => {
  const volume = makeVolume(t.testdir({}));
  await volume.write(FILES);
  const generations = [FILES, { 'tls.crt': otherLeaf.cert, 'tls.key': otherLeaf.key, 'ca.crt': other.cert }];
  let writing = true;
  const writes = (async () => {
    for (let count = 0; count < 200; count++) await volume.write(generations[count % 2] ?? FILES);
    writing = false;
  })();
  const problems: string[] = [];
  const seen = new Set<string>();
  while (writing) {
    const read = await readFolder(volume.directory, DEMANDS);
    if ('problem' in read) problems.push(read.problem);
    else seen.add(read.pair.cert);
  }
  await writes;
  t.same(problems, []);
  t.equal(seen.size, 2);
});
