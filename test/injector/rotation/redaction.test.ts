/** Tests that no value gets into the log of a pod that runs, whoever quotes it. */
import t from 'tap';
import { after, createRotatingWorld, rotating, watch } from '../support/rotation.ts';
import { secret } from '../support/world.ts';

const CANARY = 'canary-7f3a9c';

t.test('a value that was read long ago is not in the log when AWS quotes it', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: CANARY });
  const effect = { kind: 'error', code: 'InvalidRequestException', message: `Who wrote ${CANARY}?` } as const;
  const happens = () => void world.aws.fault({ service: 'secretsmanager', effect });
  const { lines } = await watch(world, rotating(world, [secret('db')]), {
    happenings: [{ at: after(1), happens }],
    limit: after(3),
  });
  const quoting = lines.filter((line) => JSON.stringify(line).includes('Who wrote'));
  t.equal(quoting.length, 1);
  t.notMatch(JSON.stringify(lines), CANARY);
});
