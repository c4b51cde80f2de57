import t from 'tap';
import type { Failure, FailureCode } from '../../../injector/errors.ts';
import { compareOutages, NO_OUTAGES } from '../../../injector/rotation/outage.ts';

const failure = (subject: string, code: FailureCode): Failure => ({ code, subject, headline: `${subject} failed.` });

t.test('an outage begins once and ends once', async (t) => {
  const first = compareOutages(NO_OUTAGES, [failure('a', 'ASI_AWS_UNAVAILABLE'), failure('b', 'ASI_AWS_DENIED')]);
  t.strictSame([first.begun.map(({ subject }) => subject), first.ended], [['a', 'b'], []]);
  const second = compareOutages(first.outages, [failure('a', 'ASI_AWS_THROTTLED')]);
  t.strictSame([second.begun, second.ended], [[], ['b']]);
  t.strictSame(compareOutages(second.outages, []).ended, ['a']);
});

t.test('an outage that is permanent now begins anew, as there is something to do', async (t) => {
  const { outages } = compareOutages(NO_OUTAGES, [failure('a', 'ASI_AWS_UNAVAILABLE')]);
  t.match(compareOutages(outages, [failure('a', 'ASI_AWS_DENIED')]), {
    begun: [{ code: 'ASI_AWS_DENIED' }],
    ended: [],
  });
});
