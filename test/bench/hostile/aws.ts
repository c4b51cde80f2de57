/** An AWS whose answers are hostile in one way. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

/** The names of the hostile answers, and of an ordinary one beside them. */
export const TRICKS = [
  'an ordinary answer',
  'an answer without an end',
  'an answer that says it has 2 GiB',
  'an answer without an end, of STS',
  'an error without an end',
  'a gzip bomb',
  'a gzip bomb of STS',
  'heads without an end',
  'a secret of 30 MB',
  'a JSON of lists in lists',
] as const;

export type Trick = (typeof TRICKS)[number];

/** Is a running AWS: its URL, and how many bytes it has sent. */
export type HostileAws = { readonly url: string; sent(): number; close(): void };

/** No answer is longer, so that a load ends by itself. */
const MOST = 600 * 2 ** 20;

const SECRET = JSON.stringify({ Name: 'a', SecretString: 'value', VersionId: 'v', ARN: 'arn' });
const PARAMETER = JSON.stringify({
  Parameters: [{ Name: '/a', Type: 'String', Value: 'value', Version: 1 }],
  InvalidParameters: [],
});
const ROLE = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>key</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;

/** Starts an AWS over plain HTTP on the loopback interface. */
export async function startHostileAws(trick: Trick): Promise<HostileAws> {
  let sent = 0;
  const bomb = trick.startsWith('a gzip bomb') ? gzipSync(Buffer.alloc(MOST, ' ')) : Buffer.alloc(0);
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    request.socket.once('close', () => {
      sent += request.socket.bytesWritten;
    });
    await answer(request, response, trick, bomb).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, trick: Trick, bomb: Buffer): Promise<void> {
  await text(request);
  const operation = `${request.headers['x-amz-target'] ?? ''}`;
  const ordinary = operation === '' ? ROLE : operation.includes('AmazonSSM') ? PARAMETER : SECRET;
  const isHostile = (operation === '') === trick.endsWith('STS') && trick !== 'an ordinary answer';
  response.setHeader('content-type', operation === '' ? 'text/xml' : 'application/x-amz-json-1.1');
  if (!isHostile) response.end(ordinary);
  else if (trick.startsWith('a gzip bomb')) response.setHeader('content-encoding', 'gzip').end(bomb);
  else await (ANSWERS[trick] ?? endless)(response);
}

type Answer = (response: ServerResponse) => unknown;

/** The other tricks have answers without an end. */
const ANSWERS: Partial<Record<Trick, Answer>> = {
  'an answer that says it has 2 GiB': (response) => endless(response.setHeader('content-length', 2 ** 31)),
  'an error without an end'(response) {
    response.statusCode = 400;
    return endless(response);
  },
  'heads without an end'(response) {
    for (let head = 0; head < 300; head++) response.setHeader(`x-${head}`, 'x'.repeat(60_000));
    response.end(SECRET);
  },
  'a secret of 30 MB': (response) => response.end(JSON.stringify({ SecretString: 'x'.repeat(30_000_000) })),
  'a JSON of lists in lists': (response) => response.end(`{"SecretString":${'['.repeat(5_000_000)}`),
};

/** Writes as fast as the client reads, until it leaves or has read enough. */
async function endless(response: ServerResponse): Promise<void> {
  response.write('{"SecretString":"');
  const chunk = Buffer.alloc(2 ** 20, 'x');
  for (let bytes = 0; bytes < MOST && !response.destroyed; bytes += chunk.length) {
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.destroy();
}
