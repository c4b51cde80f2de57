/** Sends requests that are signed by the SDK's signer. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Checksum } from '@smithy/types';
import { type EndpointName, endpointOf, type Target } from './endpoint.ts';
import type { Answer } from './exchange.ts';
import { createSend } from './send.ts';

/** Is the hash of the runtime, in the SDK's interface. */
class Sha256 implements Checksum {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): never {
    throw new Error('The signer makes a new hash for each text.');
  }
}

/**
 * AWS refuses a signature whose time is wrong by five minutes. If an answer differs by so many milliseconds, the clock of AWS counts
 * from then on, as with the SDK.
 */
const MOST_SKEW = 240_000;

/** The time of a signature has a year of four digits. Other times would make every later signature impossible or wrong. */
const SIGNABLE = { from: 0, until: Date.UTC(10_000) };

/** Makes one POST request to the service. Rejects as {@link Send} does. */
export type SignedSend = (headers: Readonly<Record<string, string>>, body: string) => Promise<Answer>;

/** Returns what sends signed requests to a service in a region. It opens no connection. */
export function createSignedSend(service: EndpointName, target: Target): SignedSend {
  const { config, region, credentials, trust } = target;
  const send = createSend(config, trust);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const url = endpointOf(service, target);
  const { protocol, hostname, host, port, pathname: path } = url;
  const common = { 'user-agent': 'app/aws-secrets-injector', host };
  let offset = 0;
  return async (more, body) => {
    const request = {
      method: 'POST',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path,
      query: {},
      headers: { ...common, ...more },
      body,
    };
    const { method, headers } = await signer.sign(request, { signingDate: new Date(Date.now() + offset) });
    const answer = await send({ url, method, headers, body });
    const { date = '', age } = answer.headers;
    const time = Date.parse(date);
    const isSignable = time >= SIGNABLE.from && time < SIGNABLE.until;
    if (age === undefined && isSignable && Math.abs(time - Date.now() - offset) >= MOST_SKEW)
      offset = time - Date.now();
    return answer;
  };
}
