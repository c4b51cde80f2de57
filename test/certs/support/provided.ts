import type { Test } from 'tap';
import { issueAuthority, issueLeaf } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import { followFolder } from '../../../certs/folder/loop.ts';
import { splitBundle } from '../../../certs/pem/bundle.ts';
import { certificateCluster } from '../../../webhook/kubernetes/certificate-cluster.ts';
import { CONFIGURATIONS, until } from '../../kubernetes/api-server.ts';
import { makeVolume, type Volume } from './volume.ts';
import { makeWorld, type Pair, type World, webhookConfiguration } from './world.ts';

const HOST = 'hook.injector.svc';

type Issued = Readonly<Record<'tls.crt' | 'tls.key' | 'ca.crt', string>>;

/** Returns the files of a certificate for the webhook: of this CA, or of a new one. */
export async function issue(authority?: { cert: string; key: string }): Promise<Issued> {
  const ca = authority ?? (await issueAuthority(new Date(), POLICY));
  const leaf = await issueLeaf(new Date(), ca, [HOST], POLICY);
  return { 'tls.crt': leaf.cert, 'tls.key': leaf.key, 'ca.crt': ca.cert };
}

/** A replica may do this with the webhook configuration: nothing, read it, or write the CA into it. */
type Way = 'blind' | 'watching' | 'publishing';

/** Starts a replica with this volume, and returns what it served, logged and reported. */
export function start(test: Test, world: World, way: Way, volume: Volume) {
  const stop = new AbortController();
  const served: Pair[] = [];
  const logs: { level: string; message: string }[] = [];
  const write = (level: string) => (_: object, message: string) => void logs.push({ level, message });
  const reported = { kept: [] as boolean[], present: [] as boolean[] };
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const running = followFolder({
    directory: volume.directory,
    host: HOST,
    ...(way !== 'blind' && { configuration: { name: 'hook', publishes: way === 'publishing' } }),
    cluster: certificateCluster(world.server.kubeConfig, log),
    log,
    onPair: (pair) => void served.push(pair),
    onKept: (kept) => void reported.kept.push(kept),
    onConfiguration: (present) => void reported.present.push(present),
    signal: stop.signal,
    now: () => world.clock,
    pollMilliseconds: 30,
  });
  test.teardown(async () => {
    stop.abort();
    await running;
  });
  const countLogged = (text: string) => logs.filter(({ message }) => message.includes(text)).length;
  return { served, logs, reported, countLogged };
}

/** Returns a replica that serves from its volume already, with its world. */
export async function makeServing(test: Test, way: Way, files?: Issued) {
  const world = await makeWorld(test);
  const volume = makeVolume(test.testdir({}));
  const issued = files ?? (await issue());
  if (way === 'watching') trust(world, issued['ca.crt']);
  await volume.write(issued);
  const replica = start(test, world, way, volume);
  await until(() => replica.served.length > 0);
  return { world, volume, replica, issued };
}

/** Waits until each of the replicas has looked a few times more. */
export async function looks(...replicas: { reported: { present: boolean[] } }[]): Promise<void> {
  const before = replicas.map(({ reported }) => reported.present.length);
  await until(() => replicas.every(({ reported }, index) => reported.present.length > (before[index] ?? 0) + 3));
}

/** Writes the caBundles, as cert-manager does. */
export function trust(world: World, bundle: string): void {
  world.server.put(CONFIGURATIONS, webhookConfiguration(Buffer.from(bundle).toString('base64')));
}

/** Returns whether each caBundle has these CAs and no others. */
export function inBundles(world: World, ...authorities: string[]): boolean {
  const sorted = (pems: string[]) => pems.toSorted().join('');
  return world.bundles().every((bundle) => sorted(splitBundle(bundle)) === sorted(authorities.flatMap(splitBundle)));
}
