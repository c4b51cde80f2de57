/** Plays the rule of docs/operations.md about a rotation that fails with the lines that a sidecar logs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { addState, INTERVAL, watch } from '../support/rotation.ts';
import { createWorld, secret } from '../support/world.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');

/** The texts that the rule looks for: of a failure's begin, of its end, and of its begin again. */
const [rule = ''] = /```logql\n[^`]+```/.exec(PAGE) ?? [];
const [begin = '', end = '', again = ''] = [...rule.matchAll(/\|= "([^"]+)"/g)].map(([, text]) => text);

const after = (intervals: number) => (intervals + 0.5) * INTERVAL * 1000;

t.test('more failures began than ended while a rotation fails, and as many after that', async (t) => {
  const world = await createWorld(t);
  addState(t, world.root);
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
  const count = (text: string) => watched.lines.filter((line) => JSON.stringify(line).includes(text)).length;
  t.equal(again, begin);
  t.strictSame([count(begin), count(end)], [2, 0]);
  t.match(watched.lines.at(-1), { message: /ASI_AWS_DENIED.* still keep its last value\.$/ });
  heal();
  await watched.pass(after(1));
  t.strictSame([count(begin), count(end)], [2, 2]);
});
