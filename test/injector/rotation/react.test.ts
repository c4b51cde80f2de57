import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { NOTHING_TO_DO, type Note } from '../../../injector/rotation/note.ts';
import { createReactions } from '../../../injector/rotation/react.ts';
import { createClock } from '../support/clock.ts';

/** Returns reactions to a first change, on a clock that stands still at its limit, and to another one at this second. */
const setUp = (rotation: { restart?: 'pod'; notify?: string }, { second = Infinity, limit = Infinity } = {}) => {
  const again = () => reactions.changed(['second'], false);
  const clock = createClock([{ at: second * 1000, happens: again }], { random: () => 0.25, limit });
  const messages: string[] = [];
  const notes: Note[] = [];
  const reactions = createReactions({
    rotation: { seconds: 65, ...rotation },
    directories: [],
    clock,
    log: (_, message) => messages.push(message),
    note: (note) => notes.push(note),
  });
  reactions.changed(['first'], false);
  if (second !== Infinity) void clock.sleep(second * 1000);
  return { clock, messages, notes, reactions, again };
};

t.test('a second change does not put a restart off', async (t) => {
  const { clock, reactions, messages } = setUp({ restart: 'pod' }, { second: 10 });
  await reactions.podRestart;
  t.equal(clock.elapsed(), 20_000);
  t.strictSame(messages, ['The pod restarts in 20 s.', 'The pod restarts in 10 s.']);
});

t.test('a restart comes at least five seconds after the last change', async (t) => {
  const { clock, reactions } = setUp({ restart: 'pod' }, { second: 18 });
  await reactions.podRestart;
  t.equal(clock.elapsed(), 23_000);
});

t.test('after a restart of the pod nobody has to be notified any more, as all have read the files anew', async (t) => {
  const { notes, reactions } = setUp({ restart: 'pod', notify: 'http://127.0.0.1:1/' }, { limit: 30_000 });
  await reactions.podRestart;
  t.match(notes[0], { notify: ['first'] });
  t.strictSame(notes.at(-1), NOTHING_TO_DO);
});

t.test('a second change does not wait for the next try to tell of the first one', async (t) => {
  const bodies: string[] = [];
  const told = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    request.on('data', (body) => {
      bodies.push(`${body}`);
      response.writeHead(bodies.length === 1 ? 503 : 204).end();
      if (bodies.length === 2) told.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const notify = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { messages, again } = setUp({ notify }, { limit: 0 });
  while (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  again();
  await told.promise;
  t.strictSame(bodies, ['{"files":["first"]}', '{"files":["first","second"]}']);
});
