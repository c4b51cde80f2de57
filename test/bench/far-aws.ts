/** Runs an AWS in a process of its own, over TLS and some distance away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createIssuer, serviceAccountToken } from '../aws/issuer.ts';
import { startWire } from './wire.ts';

export const REGION = 'eu-west-1';
export const NAMESPACE = 'demo';
export const ROLE = 'arn:aws:iam::123456789012:role/bench';

/** Milliseconds. */
export const LATENCY = { sts: 25, secretsmanager: 15, ssm: 15 } as const;
export const ROUND_TRIP = 2;

export type FarAws = {
  readonly url: string;
  /** The CA as PEM. */
  readonly ca: string;
  readonly token: string;
  /** Since the start. */
  counts(): { calls: number; connections: number };
  close(): void;
};

const MAIN = join(import.meta.dirname, '../aws/main.ts');

/** Keeps its files in that folder. It has `count` secrets `bench/N` and as many parameters `/bench/N`. */
export async function startFarAws(folder: string, count: number): Promise<FarAws> {
  const issuer = createIssuer();
  const [seed, jwks, ca] = ['seed.yaml', 'jwks.json', 'ca.pem'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(jwks, JSON.stringify(issuer.jwks));
  writeFileSync(seed, JSON.stringify(seedOf(issuer.issuer, jwks, count)));
  const options = ['--seed', seed, '--tls', '--ca', ca, '--calls'];
  const server = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(server.stdout);
  const [first] = (await once(lines, 'line')) as [string];
  const wire = await startWire(Number(new URL(first.replace('listening on ', '')).port), ROUND_TRIP);
  let calls = 0;
  lines.on('line', () => {
    calls += 1;
  });
  return {
    url: `https://127.0.0.1:${wire.port}`,
    ca: readFileSync(ca, 'utf8'),
    token: serviceAccountToken(issuer, { namespace: NAMESPACE, serviceAccount: 'bench' }),
    counts: () => ({ calls, connections: wire.connections() }),
    close: () => {
      wire.close();
      server.kill();
    },
  };
}

/** JSON is YAML. */
function seedOf(issuer: string, jwksFile: string, count: number): object {
  const each = <Item>(make: (index: number) => Item): Item[] =>
    Array.from({ length: count }, (_, index) => make(index));
  return {
    issuers: [{ issuer, jwksFile, audiences: ['sts.amazonaws.com'] }],
    roles: [
      {
        arn: ROLE,
        trust: [{ issuer, subjects: [`system:serviceaccount:${NAMESPACE}:bench`] }],
        policy: [{ actions: ['secretsmanager:*', 'ssm:*'], resources: ['*'] }],
      },
    ],
    regions: {
      [REGION]: {
        secrets: each((index) => ({ name: `bench/${index}`, value: `value ${index} `.repeat(100) })),
        parameters: each((index) => ({ name: `/bench/${index}`, value: `value ${index} `.repeat(100) })),
      },
    },
    latency: LATENCY,
  };
}
