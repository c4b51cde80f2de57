/** Reads the webhook's certificates: in their Secret, in the caBundle, and as the replicas serve them. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { V1MutatingWebhookConfiguration, V1Secret } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { RELEASE, replicas } from './install.ts';
import { until } from './progress.ts';
import type { World } from './world.ts';

export const TLS_SECRET = `${RELEASE}-tls`;

/** Keys and values of the Secret, as text; undefined where there is no Secret. */
export async function readCertificates(world: World): Promise<Record<string, string> | undefined> {
  const secret = await world.kubectl.find<V1Secret>('secret', RELEASE, TLS_SECRET);
  if (!secret) return undefined;
  return Object.fromEntries(
    Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

/** Changes keys of the Secret; null removes one. */
export async function writeCertificates(world: World, changes: Record<string, string | null>): Promise<void> {
  const data = Object.entries(changes).map(([key, value]) => [
    key,
    value === null ? null : Buffer.from(value).toString('base64'),
  ]);
  const patch = JSON.stringify({ data: Object.fromEntries(data) });
  await world.kubectl.run(['patch', 'secret', TLS_SECRET, '-n', RELEASE, '--type=merge', '-p', patch]);
}

/** Takes all content out of the Secret, as whatever replaces the object as a whole does. */
export async function emptySecret(world: World): Promise<void> {
  const patch = JSON.stringify({ data: null });
  await world.kubectl.run(['patch', 'secret', TLS_SECRET, '-n', RELEASE, '--type=merge', '-p', patch]);
}

/** Waits until the Secret's content is as wanted. */
export function untilStored(
  world: World,
  what: string,
  holds: (data: Record<string, string>) => boolean,
): Promise<Record<string, string>> {
  return until(what, 60, async () => {
    const data = await readCertificates(world);
    return data && holds(data) ? data : undefined;
  });
}

/** Returns the bundle that the API server trusts. */
export async function caBundle(world: World): Promise<string> {
  const kind = 'mutatingwebhookconfiguration';
  const found = await world.kubectl.find<V1MutatingWebhookConfiguration>(kind, 'default', RELEASE);
  return Buffer.from(found?.webhooks?.[0]?.clientConfig.caBundle ?? '', 'base64').toString();
}

/** Returns whether the API server trusts this CA. */
export async function isTrusted(world: World, authority: string): Promise<boolean> {
  const [wanted] = certificatesIn(authority);
  return certificatesIn(await caBundle(world)).some(({ fingerprint256 }) => fingerprint256 === wanted?.fingerprint256);
}

/** Asserts of each replica that the API server can call it. */
export async function serveTrusted(t: Test, world: World): Promise<void> {
  const trusted = certificatesIn(await caBundle(world));
  for (const name of await replicas(world)) {
    const served = await servedBy(world, name);
    t.ok(
      trusted.some((one) => served.checkIssued(one)),
      `${name} serves what the API server trusts`,
    );
  }
}

/** Overwrites it; undefined takes it away. */
export async function writeCaBundle(world: World, pem: string | undefined): Promise<void> {
  const path = '/webhooks/0/clientConfig/caBundle';
  const value = pem && Buffer.from(pem).toString('base64');
  const patch = JSON.stringify([pem === undefined ? { op: 'remove', path } : { op: 'add', path, value }]);
  await world.kubectl.run(['patch', 'mutatingwebhookconfiguration', RELEASE, '--type=json', '-p', patch]);
}

export function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
}

/** Waits until every replica serves the Secret's certificate, and returns it. */
export function untilServed(world: World): Promise<X509Certificate> {
  return until('every replica to serve the certificate of the Secret', 60, async () => {
    const stored = certificatesIn((await readCertificates(world))?.['tls.crt'] ?? '')[0];
    const pods = await replicas(world);
    const served = await Promise.all(pods.map((name) => servedBy(world, name).catch(() => undefined)));
    const agree = served.length > 0 && served.every((one) => one?.fingerprint256 === stored?.fingerprint256);
    return agree ? stored : undefined;
  });
}

/** The certificate that a replica shows to whoever connects. */
export async function servedBy(world: World, pod: string): Promise<X509Certificate> {
  const child = spawn(
    world.kubectl.program,
    ['port-forward', '-n', RELEASE, `pod/${pod}`, ':9443', '--address=127.0.0.1'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    },
  );
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.on('error', reject).on('exit', () => reject(new Error(`no way to ${pod}`)));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const found = /127\.0\.0\.1:(\d+) ->/.exec(text)?.[1];
        if (found) resolve(Number(found));
      });
    });
    return await handshake(port);
  } finally {
    child.kill();
  }
}

function handshake(port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, timeout: 10_000 }, () => {
      const shown = socket.getPeerX509Certificate();
      socket.destroy();
      if (shown) resolve(shown);
      else reject(new Error('no certificate was shown'));
    });
    socket.on('error', reject).on('timeout', () => socket.destroy(new Error('the handshake took too long')));
  });
}
