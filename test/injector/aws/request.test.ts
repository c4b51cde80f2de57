/** Tests what becomes of the requests that are made without a client of the SDK, and of their answers. */
import t from 'tap';
import { createWorld, parameter, secret } from '../support/world.ts';

t.test('a node whose clock is ten minutes late signs with the time of AWS after the first answer', async (t) => {
  const world = await createWorld(t, undefined, { now: () => new Date(Date.now() + 600_000) });
  world.aws.setSecret({ name: 'db', value: 'x' });
  const { exitCode, message } = await world.run(world.config([secret('db')]));
  t.equal(exitCode, 0, message);
  t.strictSame(
    world.aws.calls.filter(({ service }) => service === 'secretsmanager').map(({ error }) => error),
    ['InvalidSignatureException', undefined],
  );
});

t.test('a member that is null is as good as absent', async (t) => {
  const world = await createWorld(t);
  const body = '{"Parameters":[{"Name":"/port","Value":"5432","Version":null,"ARN":null}],"InvalidParameters":null}';
  world.aws.fault({ service: 'ssm', effect: { kind: 'body', body } });
  const { exitCode, message } = await world.run(world.config([parameter('/port', 'port')]));
  t.equal(exitCode, 0, message);
  t.equal(world.read('port'), '5432');
});

t.test('an answer that is JSON but no object has no value', async (t) => {
  for (const body of ['null', '[]', '"text"', '']) {
    const world = await createWorld(t);
    world.aws.fault({ service: 'secretsmanager', effect: { kind: 'body', body } });
    const { message } = await world.run(world.config([secret('db')], { retryTimeoutSeconds: 1 }));
    t.match(message, 'ASI_AWS_', body);
  }
});
