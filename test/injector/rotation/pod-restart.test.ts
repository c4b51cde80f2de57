/** Tests when a change of a secret restarts the whole pod. */
import t from 'tap';
import { RESTART_EXIT_CODE } from '../../../injector/contract/rotation.ts';
import { after, createRotatingWorld, INTERVAL, messagesOf, rotating, watch } from '../support/rotation.ts';
import { secret } from '../support/world.ts';

t.test('a restart of the pod comes once for each change, at a time of its own within the interval', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')], { rotation: { seconds: INTERVAL, restart: 'pod' } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  const { outcome, lines } = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(2) });
  t.match(outcome, { exitCode: RESTART_EXIT_CODE, message: /Secrets changed/ });
  t.equal(world.read('db'), 'new');
  t.match(messagesOf(lines).join('\n'), 'The pod restarts in 33 s.');
  const next = await watch(world, config, { limit: after(5) });
  t.equal(next.outcome, undefined, 'and not again without a change');
});

t.test('a restart that a killed process did not come to is made up for', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  const config = rotating(world, [secret('db')], { rotation: { seconds: INTERVAL, restart: 'pod' } });
  const happens = () => void world.aws.setSecret({ name: 'db', value: 'new' });
  const killed = await watch(world, config, { happenings: [{ at: 1_000, happens }], limit: after(1) });
  t.equal(killed.outcome, undefined);
  const { outcome } = await watch(world, config, { limit: after(5) });
  t.match(outcome, { exitCode: RESTART_EXIT_CODE });
});
