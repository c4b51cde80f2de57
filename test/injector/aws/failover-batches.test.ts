/** Tests batches of parameters of two regions: what each of them gives, and what a failure names. The numbers are those of ASCP's cases. */
import t from 'tap';
import { FAILOVER, PRIMARY, status, twin } from '../support/two-regions.ts';
import { createWorld, parameter } from '../support/world.ts';

t.test('108: two regions of which each has one of two parameters fail on what the first lacks', async (t) => {
  const world = await createWorld(t);
  world.aws.setParameter({ name: '/p1', value: 'x', region: PRIMARY });
  world.aws.setParameter({ name: '/p2', value: 'x', region: FAILOVER });
  const objects = [parameter('/p1', 'p1', twin('/p1')), parameter('/p2', 'p2', twin('/p2'))];
  const { message } = await world.run(world.config(objects));
  t.match(message, '400: eu-west-1: invalid parameters: /p2.');
  t.notMatch(message, 'invalid parameters: /p1');
});

t.test('109: 15 parameters come in two batches from the second region', async (t) => {
  const world = await createWorld(t);
  const names = Array.from({ length: 15 }, (_, index) => `/p${index}`);
  for (const name of names) world.aws.setParameter({ name, value: name, region: FAILOVER });
  world.aws.fault({ service: 'ssm', region: PRIMARY, effect: status(500) });
  const { exitCode, message } = await world.run(
    world.config(names.map((name) => parameter(name, name.slice(1), twin(name)))),
  );
  t.equal(exitCode, 0, message);
  t.strictSame(
    names.map((name) => world.read(name.slice(1))),
    names,
  );
  t.equal(
    world.aws.calls.filter(({ region, operation }) => region === FAILOVER && operation === 'GetParameters').length,
    2,
  );
});

t.test('one batch may come from one region and the next from the other', async (t) => {
  const world = await createWorld(t);
  const names = Array.from({ length: 20 }, (_, index) => `/p${index}`);
  for (const region of [PRIMARY, FAILOVER]) {
    for (const name of names) world.aws.setParameter({ name, value: region, region });
  }
  world.aws.fault({ service: 'ssm', region: PRIMARY, name: '/p0', effect: status(500) });
  world.aws.fault({ service: 'ssm', region: FAILOVER, name: '/p19', effect: status(500) });
  const { exitCode, message } = await world.run(
    world.config(names.map((name) => parameter(name, name.slice(1), twin(name)))),
  );
  t.equal(exitCode, 0, message);
  const expected = names.map((_, index) => (index < 10 ? FAILOVER : PRIMARY));
  t.strictSame(
    names.map((name) => world.read(name.slice(1))),
    expected,
  );
});

t.test('a batch that both regions refuse names only its culprits', async (t) => {
  const world = await createWorld(t, [{ actions: ['ssm:GetParameters'], resources: ['*:parameter/open/*'] }]);
  const names = ['/open/1', '/open/2', '/closed'];
  for (const region of [PRIMARY, FAILOVER]) {
    for (const name of names) world.aws.setParameter({ name, value: region, region });
  }
  const { message } = await world.run(
    world.config(names.map((name) => parameter(name, name.slice(1).replace('/', '-'), twin(name)))),
  );
  t.match(message, /^Failed to fetch parameters from all regions\. \/closed:/);
});
