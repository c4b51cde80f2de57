/** Tests in which order the requests of a run are prepared. */
import t from 'tap';
import { createCalls } from '../../../injector/aws/calls.ts';
import type { Clients } from '../../../injector/aws/clients.ts';
import { CLOCK } from '../../../injector/aws/clock.ts';

t.test('a request is on its way before the next one is prepared', async (t) => {
  const steps: string[] = [];
  const clients: Clients = {
    prepare: async () => {},
    ask: () => t.fail('AWS is not asked') as never,
    valueIn: () => undefined,
  };
  const access = { untilDeadline: async () => clients, fewTries: async () => clients };
  const ask = createCalls(access, CLOCK, CLOCK.now() + 1000).untilDeadline('eu-west-1', () => {});
  const request = (name: string) =>
    ask(async () => {
      steps.push(`prepare ${name}`);
      for (let step = 0; step < 50; step += 1) await undefined;
      steps.push(`send ${name}`);
    });
  await Promise.all(['a', 'b'].map(request));
  t.strictSame(steps, ['prepare a', 'send a', 'prepare b', 'send b']);
});
