/** Plays the rule of docs/operations.md about a rotation that fails with the lines that a sidecar logs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { addCluster, syncOf } from '../support/cluster.ts';
import { after, createRotatingWorld, INTERVAL, watch } from '../support/rotation.ts';
import { secret } from '../support/world.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');

/** The patterns that the rule looks for: of a failure's begin, of its end, and of its begin again. */
const [rule = ''] = /```logql\n[^`]+```/.exec(PAGE) ?? [];
const [begin = '', end = '', again = ''] = [...rule.matchAll(/\|~ "([^"]+)"/g)].map(([, text]) => text);

const count = (lines: readonly object[], pattern: string) =>
  lines.filter((line) => new RegExp(pattern).test(JSON.stringify(line))).length;

t.test('more failures began than ended while a rotation fails, and as many after that', async (t) => {
  const world = await createRotatingWorld(t);
  for (const name of ['a', 'b']) world.aws.setSecret({ name, value: 'old' });
  const faults: (() => void)[] = [];
  const fail = (effect: { kind: 'access-denied' } | { kind: 'status'; status: number }) =>
    faults.push(world.aws.fault({ service: 'secretsmanager', effect }));
  const heal = () => {
    for (const stop of faults.splice(0)) stop();
  };
  const happenings = [
    { at: 1_000, happens: () => fail({ kind: 'status', status: 503 }) },
    {
      at: after(3),
      happens: () => {
        heal();
        fail({ kind: 'access-denied' });
      },
    },
  ];
  const log = { level: 'info', format: 'json' } as const;
  const config = world.config([secret('a'), secret('b')], { rotation: { seconds: INTERVAL }, log });
  const watched = await watch(world, config, { happenings, limit: after(6) });
  t.equal(again, begin);
  t.strictSame([count(watched.lines, begin), count(watched.lines, end)], [2, 0]);
  t.match(watched.lines.at(-1), { message: /ASI_AWS_DENIED.* still keep its last value\.$/ });
  heal();
  await watched.pass(after(1));
  t.strictSame([count(watched.lines, begin), count(watched.lines, end)], [2, 2]);
});

t.test('a Kubernetes Secret that can not be written counts until it can, and the log says that it stays', async (t) => {
  const world = await createRotatingWorld(t);
  world.aws.setSecret({ name: 'a', value: 'old' });
  const server = await addCluster(t, world.root);
  const happens = () => {
    server.state.rights = { '*': ['get'] };
    world.aws.setSecret({ name: 'a', value: 'new' });
  };
  const log = { level: 'info', format: 'json' } as const;
  const rest = { rotation: { seconds: INTERVAL }, log, sync: syncOf({ password: 0 }) };
  const watched = await watch(world, world.config([secret('a')], rest), {
    happenings: [{ at: 1_000, happens }],
    limit: after(3),
    cluster: server.cluster,
  });
  t.match(
    watched.lines.find(({ code }) => code === 'ASI_SYNC_DENIED'),
    { message: /\[ASI_SYNC_DENIED\] The Secret stays as it is\.$/ },
  );
  t.strictSame([count(watched.lines, begin), count(watched.lines, end)], [1, 0]);
  server.state.rights = { '*': ['get', 'create', 'patch'] };
  await watched.pass(after(1));
  t.match(watched.lines.at(-1), { message: 'Secret shop-db is up to date again.' });
  t.strictSame([count(watched.lines, begin), count(watched.lines, end)], [1, 1]);
});
