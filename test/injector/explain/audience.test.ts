/** A token with an audience that the IAM OIDC provider or the role does not take. */
import t from 'tap';
import { createWorld, ROLE, secret } from '../support/world.ts';

const TOKEN = '/run/aws-secrets-injector/token/token';
const identity = { kind: 'web-identity', roleArn: ROLE, tokenFile: TOKEN } as const;

t.test('the message names the audience of the token, and the one of STS', async (t) => {
  for (const code of ['AccessDenied', 'InvalidIdentityToken']) {
    const world = await createWorld(t);
    world.aws.fault({
      service: 'sts',
      effect: { kind: 'error', code, message: 'Incorrect token audience', status: 400 },
    });
    const config = world.config([secret('db')], { identity: { ...identity, audience: 'kops' } });
    const { message } = await world.run(config);
    t.match(message, /audience kops, .*eks\.amazonaws\.com\/audience .*not sts\.amazonaws\.com/);
  }
});

t.test('a provider with another audience than that of STS points at the annotation', async (t) => {
  const world = await createWorld(t);
  const effect = {
    kind: 'error',
    code: 'InvalidIdentityToken',
    message: 'Incorrect token audience',
    status: 400,
  } as const;
  world.aws.fault({ service: 'sts', effect });
  const { message } = await world.run(world.config([secret('db')]));
  t.match(message, /audience sts\.amazonaws\.com\) .*eks\.amazonaws\.com\/audience of the ServiceAccount/);
});
