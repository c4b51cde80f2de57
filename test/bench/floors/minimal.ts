/**
 * The least that any program of this runtime can do for some secrets: all handshakes at once, STS, one call for each secret. It
 * knows what it will be answered, checks nothing, and repeats nothing. Arguments: port, CA file, token file, role, region, and
 * the number of secrets, which is 1 if it is absent. The calls share the connections that the injector would have.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { CONCURRENCY } from '../../../injector/aws/clients.ts';

const [port, caFile = '', tokenFile = '', role = '', region = '', count = '1'] = process.argv.slice(2);
const host = `127.0.0.1:${port}`;

const open = (): TLSSocket =>
  connect({ host: '127.0.0.1', port: Number(port), ca: readFileSync(caFile), ALPNProtocols: ['http/1.1'] });
const sts = open();
const connections = Array.from({ length: Math.min(Number(count), CONCURRENCY) }, open);

async function main(): Promise<void> {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: 'minimal',
    WebIdentityToken: readFileSync(tokenFile, 'utf8'),
  });
  const answer = await ask(sts, { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
  const field: Field = (name) => new RegExp(`<${name}>(.*?)</${name}>`).exec(answer)?.[1] ?? '';
  const names = Array.from({ length: Number(count) }, (_, index) => `bench/${index}`);
  await Promise.all(connections.map((secrets) => read(secrets, names, field)));
  process.exit(0);
}

/** Reads one of the names after the other, until none is left. */
async function read(secrets: TLSSocket, names: string[], field: Field): Promise<void> {
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const body = JSON.stringify({ SecretId: name });
    if (!(await ask(secrets, signed(body, field), body)).includes('"SecretString"')) throw new Error('no secret');
    secrets.removeAllListeners('data').removeAllListeners('error');
  }
}

/** Returns a field of the credentials. */
type Field = (name: string) => string;

function ask(socket: TLSSocket, more: Record<string, string>, text: string): Promise<string> {
  const lines = Object.entries({ host, ...more, 'content-length': String(text.length) });
  socket.write(`POST / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`);
  let received = '';
  return new Promise((resolve, reject) => {
    socket.on('error', reject).on('data', (chunk) => {
      received += chunk;
      const [head = '', rest] = received.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (rest !== undefined && (rest.length >= length || received.endsWith('0\r\n\r\n'))) resolve(received);
    });
  });
}

function signed(body: string, field: Field): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host,
    'x-amz-date': date,
    'x-amz-security-token': field('SessionToken'),
    'x-amz-target': 'secretsmanager.GetSecretValue',
  };
  const names = Object.keys(headers).join(';');
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, hash(body)].join('\n');
  const scope = [date.slice(0, 8), region, 'secretsmanager', 'aws4_request'];
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\n');
  const key = Buffer.from(`AWS4${field('SecretAccessKey')}`);
  const signature = [...scope, text].reduce((by, part) => createHmac('sha256', by).update(part).digest(), key);
  const credential = [field('AccessKeyId'), ...scope].join('/');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature.toString('hex')}`;
  return { ...headers, authorization };
}

void main();
