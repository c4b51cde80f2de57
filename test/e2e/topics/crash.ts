import type { V1EndpointSlice, V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { type Refusal, startLoad } from '../harness/admission-load.ts';
import { keepLogs, RELEASE, replicas } from '../harness/install.ts';
import { killReplica, startKiller } from '../harness/kill.ts';
import { replicaMetric } from '../harness/metrics.ts';
import { untilPod } from '../harness/pods.ts';
import { say, sleep, until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Nodes hear of a gone endpoint a little later than the API server. */
const SPREAD_MS = 3000;

const ANSWERED = 'aws_secrets_injector_admission_requests_total';

/** A replica ends without a word: whoever asked it is refused, until its address is out of the Service. */
export async function crash(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'crash');
  await startKiller(world, namespace);
  await keepLogs(world);
  const load = startLoad(world, { namespace, perSecond: 20, seconds: 60 });
  try {
    const victim = await busiest(world);
    t.same(load.tally.refused, [], 'nobody was refused before');
    const asked = load.tally.asked;
    const killed = Date.now();
    await killReplica(world, { namespace }, victim);
    const returned = Date.now();
    // If nobody looked in time, the replica has restarted already.
    const gone = await until('its endpoint to be gone', 30, async () =>
      !(await isServing(world, victim)) || (await hasRestarted(world, victim)) ? Date.now() : undefined,
    );
    const back = { namespace: RELEASE, name: victim, what: 'it is back in its place' };
    await untilPod(world, back, ({ status }) => {
      const [container] = status?.containerStatuses ?? [];
      return container?.restartCount === 1 && container.ready;
    });
    await sleep(SPREAD_MS);
    await load.stop();
    const { refused } = load.tally;
    say(
      `crash: killed within ${returned - killed} ms; ${window(refused, killed)}; its endpoint was gone after ${gone - killed} ms`,
    );
    t.same(
      refused.filter(({ sent }) => sent > gone + SPREAD_MS),
      [],
      'nobody was refused once its endpoint was gone',
    );
    t.ok(load.tally.asked > asked, 'there was a load');
    for (const { message } of refused) t.match(message, /failed calling webhook/);
  } finally {
    await load.stop();
  }
}

/** The API server keeps connections: a replica that it does not talk to would not be missed. */
async function busiest(world: World): Promise<string> {
  const names = await replicas(world);
  const answered = async () =>
    Promise.all(names.map(async (name) => (await replicaMetric(world, name, ANSWERED)) ?? 0));
  const before = await answered();
  await sleep(2000);
  const after = await answered();
  const counts = names.map((name, index) => ({ name, count: (after[index] ?? 0) - (before[index] ?? 0) }));
  return counts.toSorted((one, other) => other.count - one.count)[0]?.name ?? '';
}

function window(refused: readonly Refusal[], killed: number): string {
  const first = Math.min(...refused.map(({ sent }) => sent)) - killed;
  const last = Math.max(...refused.map(({ answered }) => answered)) - killed;
  return refused.length === 0 ? 'no pod was refused' : `${refused.length} pods refused, from ${first} ms to ${last} ms`;
}

async function hasRestarted(world: World, pod: string): Promise<boolean> {
  const found = await world.kubectl.find<V1Pod>('pod', RELEASE, pod);
  return (found?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0;
}

async function isServing(world: World, pod: string): Promise<boolean> {
  const label = `kubernetes.io/service-name=${RELEASE}`;
  const slices = await world.kubectl.list<V1EndpointSlice>('endpointslices', RELEASE, '-l', label);
  const endpoints = slices.flatMap(({ endpoints }) => endpoints ?? []);
  return endpoints.some(({ targetRef, conditions }) => targetRef?.name === pod && conditions?.ready !== false);
}
