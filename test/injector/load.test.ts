/** Tests many objects of one pod, and many pods at once. */
import t from 'tap';
import { encodeConfig } from '../../injector/contract/encode.ts';
import { run } from '../../injector/run.ts';
import type { Call } from '../aws/server.ts';
import { createClock } from './support/clock.ts';
import { createWorld, parameter, secret } from './support/world.ts';

const REGIONS = ['eu-west-1', 'eu-central-1'];

/** Requests in flight in one region. */
const CAP = 32;

for (const regions of [1, 2]) {
  t.test(`60 secrets and 60 parameters from ${regions} region(s) stay within the cap, and use it`, async (t) => {
    const most = new Map<string, number>();
    const calls: Call[] = [];
    const onCall = ({ region = 'sts' }: Call) => {
      const open = calls.filter((call) => call.outcome === undefined && call.region === region).length + 1;
      most.set(region, Math.max(most.get(region) ?? 0, open));
    };
    const world = await createWorld(t, undefined, { latency: { secretsmanager: 300, ssm: 300 }, onCall });
    const names = Array.from({ length: 60 }, (_, index) => `o${index}`);
    for (const region of REGIONS) {
      for (const name of names) {
        world.aws.setSecret({ name, value: region, region });
        world.aws.setParameter({ name: `/${name}`, value: region, region });
      }
    }
    const twin = (name: string) => (regions === 1 ? {} : { failover: { region: REGIONS[1] ?? '', name } });
    const objects = names.flatMap((name) => [
      secret(name, twin(name)),
      parameter(`/${name}`, `p-${name}`, twin(`/${name}`)),
    ]);
    const push = world.aws.calls.push.bind(world.aws.calls);
    world.aws.calls.push = (...more) => {
      calls.push(...more);
      return push(...more);
    };
    const { exitCode, message } = await world.run(world.config(objects));
    t.equal(exitCode, 0, message);
    t.equal(world.files().length, 120);
    const inFlight = REGIONS.slice(0, regions).map((region) => most.get(region));
    t.strictSame(
      inFlight,
      inFlight.map(() => CAP),
    );
    t.ok(world.aws.connections() <= regions * (2 * CAP + 1), `${world.aws.connections()} connections`);
    t.equal(world.aws.calls.length, regions * (1 + 60 + 6));
  });
}

t.test('100 injectors at once all succeed against a limit of 40 calls a second', async (t) => {
  const clock = createClock([], { start: Date.now(), random: Math.random });
  const world = await createWorld(t, undefined, { ssmCallsPerSecond: 40, now: () => new Date(clock.now()) });
  world.aws.setParameter({ name: '/key', value: 'x' });
  const configText = encodeConfig(world.config([parameter('/key', 'key')]));
  const pods = Array.from({ length: 100 }, (_, index) =>
    run({ configText, podName: `app1-${index}`, root: world.root, clock, write: () => {} }),
  );
  const outcomes = await Promise.all(pods);
  t.strictSame(
    outcomes.filter(({ exitCode }) => exitCode !== 0),
    [],
  );
  const throttled = world.aws.calls.filter(({ error }) => error === 'ThrottlingException');
  t.ok(throttled.length > 0, `the limit was met ${throttled.length} times`);
  t.ok(clock.elapsed() < 30_000, `${clock.elapsed()} ms`);
});
