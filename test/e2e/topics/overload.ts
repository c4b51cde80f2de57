import { readFile } from 'node:fs/promises';
import type { V1Service } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { startLoad } from '../harness/admission-load.ts';
import type { Ended, Plan, Wave } from '../harness/flood.ts';
import { IMAGES } from '../harness/images.ts';
import { RELEASE, replicas, webhookPods } from '../harness/install.ts';
import { replicaMetric } from '../harness/metrics.ts';
import { untilPod } from '../harness/pods.ts';
import { say, sleep } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

const WAVES: readonly Wave[] = [
  { name: 'a thousand reviews', count: 1000, bytes: 4000 },
  { name: 'reviews of 3 MiB', count: 60, bytes: 3 * 2 ** 20 },
  { name: 'half a body', count: 200, bytes: 100_000, stalled: true },
  { name: 'half a body of 8 MB to no path of ours', count: 60, bytes: 8_000_000, stalled: true, path: '/other' },
];

/** The memory limit of the chart's defaults. */
const MEMORY_LIMIT = 512 * 2 ** 20;

/** More reviews than the webhook takes at once, and clients that never end theirs. Pods are created meanwhile. */
export async function overload(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'overload');
  const load = startLoad(world, { namespace, perSecond: 4, seconds: 150 });
  const restartsBefore = await restarts(world);
  const memory = watchMemory(world);
  try {
    const found = await flood(world, namespace);
    for (const { name, ended, slowest } of found) say(`overload: ${name}: ${JSON.stringify(ended)}, ${slowest} ms`);
    for (const wave of WAVES) {
      await t.test(`${wave.count} × ${wave.name}: answered, or refused with a time to come again`, async (t) => {
        const ended = found.find(({ name }) => name === wave.name)?.ended ?? {};
        if (wave.path) {
          t.same(ended, { 404: wave.count });
          return;
        }
        if (wave.stalled) {
          t.notOk(ended['200'], 'half a body is no review');
          return;
        }
        const { '200': answered = 0, '503': sentAway = 0, ...others } = ended;
        t.same(others, {});
        t.same([answered + sentAway, answered > 0], [wave.count, true]);
      });
    }
  } finally {
    await load.stop();
    await memory.stop();
  }
  const highest = memory.highest();
  const { asked, refused } = load.tally;
  say(`overload: ${refused.length} of ${asked} pods refused; at most ${Math.round(highest / 2 ** 20)} MiB of memory`);
  await t.test('pods were admitted all the while', async (t) => {
    t.same(refused, []);
    t.ok(asked > 0);
  });
  await t.test('memory stayed within its limit, and no replica restarted', async (t) => {
    t.ok(highest > 0 && highest < MEMORY_LIMIT, `${highest}`);
    t.same(await restarts(world), restartsBefore);
  });
}

/** Runs harness/flood.ts as a pod: it reaches the Service as the API server does, on any cluster. */
async function flood(world: World, namespace: string): Promise<Ended[]> {
  const service = await world.kubectl.find<V1Service>('service', RELEASE, RELEASE);
  const plan: Plan = { host: service?.spec?.clusterIP ?? '', namespace, waves: WAVES };
  const program = await readFile(new URL('../harness/flood.ts', import.meta.url), 'utf8');
  const [{ name, tag }] = IMAGES;
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: 'flood' },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'flood',
          image: `${name}:${tag}`,
          imagePullPolicy: 'IfNotPresent',
          args: ['--input-type=module-typescript', '--eval', program.replaceAll('$(', '$$(')],
          env: [{ name: 'PLAN', value: JSON.stringify(plan) }],
        },
      ],
    },
  });
  await untilPod(
    world,
    { namespace, name: 'flood', what: 'it ended' },
    ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed',
  );
  const log = await world.kubectl.logs(namespace, 'flood', 'flood');
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Ended);
}

/** Looks at the replicas' memory again and again. */
function watchMemory(world: World) {
  let highest = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      for (const name of await replicas(world)) {
        const found = await replicaMetric(world, name, 'process_resident_memory_bytes').catch(() => undefined);
        highest = Math.max(highest, found ?? 0);
      }
      await sleep(300);
    }
  })();
  return {
    highest: () => highest,
    async stop(): Promise<void> {
      over = true;
      await watching;
    },
  };
}

async function restarts(world: World): Promise<Record<string, number | undefined>> {
  const pods = await webhookPods(world);
  return Object.fromEntries(
    pods.map(({ metadata, status }) => [metadata?.name, status?.containerStatuses?.[0]?.restartCount]),
  );
}
