/** Tests that requests are signed as the SDK signs them. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import t from 'tap';
import { sign } from '../../../injector/aws/sign.ts';

/** Is the hash that the SDK is given. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | Uint8Array | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

const word = fc.stringMatching(/^[!-~]{1,40}$/);

const requests = fc.record({
  path: fc.constantFrom('/', '/prefix/', '/a%20b/', '/~x-y_z.0/'),
  body: fc.string({ unit: 'binary' }),
  target: word,
  credentials: fc.record({
    accessKeyId: word,
    secretAccessKey: word,
    sessionToken: fc.option(word, { nil: undefined }),
  }),
  region: fc.constantFrom('eu-west-1', 'us-gov-west-1'),
  service: fc.constantFrom('secretsmanager', 'ssm', 'sts'),
  now: fc.integer({ min: 0, max: 4e12 }),
});

t.test('every request has the signature of the SDK', async (t) => {
  const checked = fc.asyncProperty(requests, async ({ path, body, target, credentials, region, service, now }) => {
    const headers = { host: 'aws.internal:4566', 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const identity = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    const options = { credentials: identity, region, service, sha256: Sha256, applyChecksum: false };
    const request = { method: 'POST', protocol: 'https:', hostname: 'aws.internal', path, headers, body };
    const theirs = await new SignatureV4(options).sign(request, { signingDate: new Date(now) });
    const ours = sign({ path, headers, body }, { credentials, region, service, now });
    return ours['authorization'] === theirs.headers['authorization'];
  });
  await fc.assert(checked);
  t.pass('no request was found whose signature differs');
});
