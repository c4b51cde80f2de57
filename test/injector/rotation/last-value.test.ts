/** Tests that files keep their last values while a secret can not be fetched, and that only its own files do. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { after, createRotatingWorld, INTERVAL, messagesOf, rotating, watch } from '../support/rotation.ts';
import { secret, type World } from '../support/world.ts';

t.test('an outage is logged once when it begins and once when it ends, and the last values stay', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'db', value: 'old' });
  let end = () => {};
  const happenings = [
    {
      at: 1_000,
      happens: () => {
        end = world.aws.fault({ service: 'secretsmanager', effect: { kind: 'status', status: 503 } });
        world.aws.setSecret({ name: 'db', value: 'new' });
      },
    },
    { at: 5 * INTERVAL * 1000, happens: () => t.equal(world.read('db'), 'old') },
    { at: 5 * INTERVAL * 1000, happens: () => end() },
  ];
  const { lines } = await watch(world, rotating(world, [secret('db')]), { happenings, limit: after(10) });
  t.equal(world.read('db'), 'new');
  t.match(messagesOf(lines).slice(2), [
    /^error: .*db.*ASI_AWS_UNAVAILABLE.* The files keep its last value\.$/,
    'info: db can be read again.',
    /^info: db changed/,
    'info: The files are up to date.',
  ]);
});

const faults: [what: string, begin: (world: World) => void, code: string][] = [
  [
    'permission is taken away',
    (world) => void world.aws.fault({ service: 'secretsmanager', effect: { kind: 'access-denied' } }),
    'ASI_AWS_DENIED',
  ],
  [
    'AWS throttles',
    (world) => void world.aws.fault({ service: 'secretsmanager', effect: { kind: 'throttle' } }),
    'ASI_AWS_THROTTLED',
  ],
  ['the secret is deleted', (world) => world.aws.deleteSecret('db'), 'ASI_AWS_REQUEST'],
  ['the token is gone', (world) => rmSync(join(world.root, '/run/aws-secrets-injector/token/token')), 'ASI_AWS_TOKEN'],
  [
    'the token is none any more',
    (world) => writeFileSync(join(world.root, '/run/aws-secrets-injector/token/token'), 'x'),
    'ASI_AWS_',
  ],
  [
    'the value is no JSON any more',
    (world) => void world.aws.setSecret({ name: 'db', value: 'plain' }),
    'ASI_OUT_JSON',
  ],
];
for (const [what, begin, code] of faults) {
  t.test(`the last value stays where ${what}`, async (t) => {
    const world = await createRotatingWorld(t);
    world.aws.setSecret({ name: 'db', value: '{"a":"last"}' });
    const config = rotating(world, [secret('db', { files: [{ path: 'a', mode: '0444', jmesPath: 'a' }] })]);
    const { lines, outcome } = await watch(world, config, {
      happenings: [{ at: 1_000, happens: () => begin(world) }],
      limit: after(4),
    });
    t.equal(outcome, undefined, 'it goes on');
    t.equal(world.read('a'), 'last');
    const errors = lines.filter(({ level }) => level === 'error');
    t.equal(errors.length, 1, JSON.stringify(errors));
    t.match(errors[0], { code: new RegExp(code) });
    t.notMatch(JSON.stringify(lines), /"level":"warn"/);
  });
}

t.test('what can be read is new, although something else was deleted', async (t) => {
  const world = await createRotatingWorld(t);
  for (const name of ['gone', 'db']) world.aws.setSecret({ name, value: 'old' });
  const happens = () => {
    world.aws.deleteSecret('gone');
    world.aws.setSecret({ name: 'db', value: 'new' });
  };
  await watch(world, rotating(world, [secret('gone'), secret('db')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.strictSame(['gone', 'db'].map(world.read), ['old', 'new']);
});

t.test('an optional secret that comes later is written, and one that goes keeps its value', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'goes', value: 'g' });
  const optional = (name: string) => secret(name, { files: [{ path: name, mode: '0444', optional: true }] });
  const happens = () => {
    world.aws.setSecret({ name: 'comes', value: 'c' });
    world.aws.deleteSecret('goes');
  };
  const { lines } = await watch(world, rotating(world, [optional('comes'), optional('goes')]), {
    happenings: [{ at: 1_000, happens }],
    limit: after(2),
  });
  t.strictSame(['comes', 'goes'].map(world.read), ['c', 'g']);
  t.match(
    lines.filter(({ level }) => level === 'error'),
    [{ subject: 'goes', code: 'ASI_AWS_REQUEST' }],
  );
});
