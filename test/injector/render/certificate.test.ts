/** Tests the PEM of Secrets of type kubernetes.io/tls against keys and certificates that Node makes. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { certificatesIn, keyIn } from '../../../injector/render/certificate.ts';
import { createIdentity } from '../../aws/network/certificate.ts';

const { cert, key, ca } = await createIdentity(['shop.example']);
const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { privateKey: edwards } = generateKeyPairSync('ed25519');

const pem = (result: ReturnType<typeof keyIn>) => (result.ok ? result.pem : result.cause);
const lines = (text: string) => text.replaceAll('\r\n', '\n').trim();
const read = (text: string) => Buffer.from(text);

t.test('all certificates of a value are taken in their order, without the key and the text between them', (t) => {
  const value = read(`Bag Attributes\n${cert}\n${key}\nsubject=CA\n${ca}`);
  t.equal(pem(certificatesIn(value)), `${lines(cert)}\n${lines(ca)}\n`);
  t.end();
});

t.test('lines that end as in Windows are read', (t) => {
  t.equal(pem(certificatesIn(read(lines(cert).replaceAll('\n', '\r\n')))), `${lines(cert)}\n`);
  t.end();
});

t.test('the key of a value that holds both is taken', (t) => {
  const found = pem(keyIn(read(`${cert}\n${key}`)));
  t.match(found, /^-----BEGIN EC PRIVATE KEY-----/);
  t.ok(createPrivateKey(found).equals(createPrivateKey(key)));
  t.end();
});

t.test('an RSA key becomes PKCS #1, and one that is that already stays', (t) => {
  const wanted = rsa.export({ format: 'pem', type: 'pkcs1' }).toString();
  t.equal(pem(keyIn(read(rsa.export({ format: 'pem', type: 'pkcs8' }).toString()))), wanted);
  t.equal(pem(keyIn(read(wanted))), wanted);
  t.end();
});

t.test('a key of Ed25519, which the driver refuses, stays in PKCS #8', (t) => {
  const text = edwards.export({ format: 'pem', type: 'pkcs8' }).toString();
  t.equal(pem(keyIn(read(text))), text);
  t.end();
});

t.test('the last key counts, also behind the parameters of its curve', (t) => {
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  t.ok(createPrivateKey(pem(keyIn(read(parameters + key)))).equals(createPrivateKey(key)));
  t.end();
});

t.test('what can not be taken is named', (t) => {
  const encrypted = rsa.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
  t.strictSame(
    [certificatesIn(read(key)), keyIn(read(cert)), keyIn(read(encrypted)), keyIn(read('-----BEGIN X-----\nx'))].map(
      pem,
    ),
    [
      'It holds no certificate in PEM.',
      'It holds no key in PEM.',
      'Its key is encrypted with a password.',
      'It holds no key in PEM.',
    ],
  );
  t.match(keyIn(read('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----')), {
    cause: 'Its key can not be read.',
  });
  t.end();
});
