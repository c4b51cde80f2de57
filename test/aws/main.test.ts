import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { parseSeed } from './seed.ts';

const MAIN = new URL('main.ts', import.meta.url).pathname;

t.test('serves a seed over TLS, shows its calls, and stops at a signal', async (t) => {
  const folder = t.testdir({
    'jwks.json': '{"keys":[]}',
    'seed.yaml': `
regions: { eu-west-1: { secrets: [{ name: s, value: x }, { name: s, binary: AAEC }], parameters: [{ name: /p, value: x }] } }
issuers: [{ issuer: https://issuer.example, jwksFile: jwks.json }]
roles: [{ arn: "arn:aws:iam::123456789012:role/app1" }]
users:
  - arn: arn:aws:iam::123456789012:user/u
    accessKeyId: AKIAEXAMPLE
    secretAccessKey: abc
    policy: [{ actions: ["*"], resources: ["*"] }]
`,
  });
  const options = ['--seed', 'seed.yaml', '--tls', '--ca', 'ca.pem', '--calls'];
  const child = spawn(process.execPath, [MAIN, ...options], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const url = (await line(child)).replace('listening on ', '');
  const client = new SecretsManagerClient({
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'abc' },
    requestHandler: { httpsAgent: new Agent({ ca: readFileSync(`${folder}/ca.pem`) }) },
  });
  t.teardown(() => client.destroy());
  const printed = line(child);
  const { SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: 's' }));
  t.same([...(SecretBinary ?? [])], [0, 1, 2]);
  t.match(JSON.parse(await printed), { operation: 'GetSecretValue', names: ['s'], outcome: 200 });
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('refuses a seed with a key that it does not know', (t) => {
  t.throws(() => parseSeed('role: []'), { message: /role/ });
  t.end();
});

async function line({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('no output');
  const [chunk] = (await once(stdout, 'data')) as [Buffer];
  return chunk.toString().trim();
}
