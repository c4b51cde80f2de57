/**
 * Tests two regions with the real SDK: which failures of the first one lead to the second one, and the message of both. The numbers of
 * cases are those of ASCP's semantics.
 */
import t from 'tap';
import type { FaultEffect } from '../../aws/server.ts';
import { denied, FAILOVER, PRIMARY, startBoth, status, twin } from '../support/two-regions.ts';
import { createWorld, parameter, ROLE, secret } from '../support/world.ts';

/** Has what a service answers in each region; undefined stands for the value. */
type Row = {
  cases: string;
  primary?: FaultEffect;
  failover?: FaultEffect;
  /** The region whose value is used, or what the message has; for the secret and the parameter if they differ. */
  gives: string | [secret: RegExp, parameter: RegExp];
};

const error = (code: string): FaultEffect => ({ kind: 'error', code });

const reset: FaultEffect = { kind: 'reset' };
const throttle: FaultEffect = { kind: 'throttle' };

const generic: [RegExp, RegExp] = [
  /Failed to fetch secret from all regions\. Verify secret exists and required permissions are granted for: db:/,
  /Failed to fetch parameters from all regions\. \/key:/,
];

const rows: Row[] = [
  { cases: '102: both answer', gives: PRIMARY },
  { cases: '101: the first has a 5xx', primary: status(503), gives: FAILOVER },
  { cases: 'F11: the first cuts connections', primary: reset, gives: FAILOVER },
  { cases: 'F11: the first throttles', primary: throttle, gives: FAILOVER },
  { cases: 'F11: the first makes no sense', primary: { kind: 'malformed' }, gives: FAILOVER },
  { cases: '99a: the first denies', primary: denied, gives: FAILOVER },
  { cases: 'the first does not know the credentials', primary: error('UnrecognizedClientException'), gives: FAILOVER },
  { cases: 'the first calls it invalid', primary: error('ValidationException'), gives: FAILOVER },
  { cases: '99c: the second denies', failover: denied, gives: PRIMARY },
  { cases: 'F11: the second throttles', failover: throttle, gives: PRIMARY },
  { cases: 'F11: the second has a 5xx', failover: status(500), gives: PRIMARY },
  {
    cases: '105: the key is invalid in the second',
    failover: error('InvalidKeyId'),
    gives: [/eu-central-1: Failed fetching secret db:/, /eu-central-1: Failed fetching parameters: \/key:/],
  },
  {
    cases: '106: the first has a 5xx, the second a 4xx',
    primary: status(500),
    failover: error('InvalidParameterException'),
    gives: [/eu-central-1: Failed fetching secret db:/, /eu-central-1: Failed fetching parameters: \/key:/],
  },
  {
    cases: '100: a 4xx in the first',
    primary: error('InvalidRequestException'),
    gives: [/eu-west-1: Failed fetching secret db:/, /eu-west-1: Failed fetching parameters: \/key:/],
  },
  { cases: '107, 96, 97: both have a 5xx', primary: status(500), failover: status(503), gives: generic },
  { cases: '99: both deny', primary: denied, failover: denied, gives: generic },
  { cases: 'F11: one denies, one throttles', primary: denied, failover: throttle, gives: generic },
];

for (const mode of [undefined, 'on-error'] as const) {
  for (const { cases, primary, failover, gives } of rows) {
    const inTurn = mode !== undefined;
    // A region that is not asked can't fail.
    const expected = inTurn && primary === undefined ? PRIMARY : gives;
    t.test(`${cases}${inTurn ? ', one after the other' : ''}`, async (t) => {
      const { aws, config, run, read } = await startBoth(t);
      for (const service of ['secretsmanager', 'ssm'] as const) {
        if (primary !== undefined) aws.fault({ service, region: PRIMARY, effect: primary });
        if (failover !== undefined) aws.fault({ service, region: FAILOVER, effect: failover });
      }
      const { exitCode, message, elapsed } = await run(config(inTurn ? { failoverMode: mode } : {}));
      if (typeof expected === 'string') {
        t.equal(exitCode, 0, message);
        t.strictSame([read('db'), read('key')], [expected, expected]);
        t.ok(elapsed < 1_000, `a few quick tries in ${elapsed} ms`);
        return;
      }
      t.not(exitCode, 0);
      for (const pattern of expected) t.match(message, pattern);
    });
  }
}

for (const effect of [status(503), reset, throttle, { kind: 'malformed' }] as const) {
  t.test(`one blip of the first region (${effect.kind}) is no reason to take the second one's value`, async (t) => {
    const { aws, config, run, read } = await startBoth(t);
    for (const service of ['secretsmanager', 'ssm'] as const) {
      aws.fault({ service, region: PRIMARY, effect, times: 2 });
    }
    const { exitCode, message } = await run(config());
    t.equal(exitCode, 0, message);
    t.strictSame([read('db'), read('key')], [PRIMARY, PRIMARY]);
  });
}

t.test('both causes are reported, each with its region, its request and its fix', async (t) => {
  const { aws, config, run } = await startBoth(t);
  for (const region of [PRIMARY, FAILOVER]) aws.fault({ service: 'secretsmanager', region, effect: denied });
  const { message, exitCode } = await run(config());
  t.equal(exitCode, 10);
  for (const region of [PRIMARY, FAILOVER]) {
    t.match(message, `It was asked for in ${region} with the role ${ROLE}.`);
    t.match(
      message,
      `Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:${region}:123456789012:secret:db-?????? in`,
    );
  }
  t.match(message, /AccessDeniedException \(request [0-9a-f-]+\).*AccessDeniedException \(request [0-9a-f-]+\)/);
});

t.test('while one region may still heal, a denial in the other is no reason to stop', async (t) => {
  const { aws, config, run, read } = await startBoth(t);
  aws.fault({ service: 'secretsmanager', region: PRIMARY, effect: denied });
  const heals = aws.fault({ service: 'secretsmanager', region: FAILOVER, effect: status(503) });
  const { exitCode, message } = await run(config(), [{ at: 20_000, happens: heals }]);
  t.equal(exitCode, 0, message);
  t.equal(read('db'), FAILOVER);
});

t.test('103: a secret that the second region lacks fails there, 104: so does a parameter', async (t) => {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: 'x' });
  world.aws.setParameter({ name: '/key', value: 'x' });
  const objects = [secret('db', twin('db')), parameter('/key', 'key', twin('/other', { label: 'stable' }))];
  const { message, exitCode } = await world.run(world.config(objects));
  t.equal(exitCode, 10);
  t.match(message, /eu-central-1: Failed fetching secret db: ResourceNotFoundException/);
  t.match(message, '400: eu-central-1: invalid parameters: /other:stable.');
});
