import t from 'tap';
import type { Failure, FailureCode } from '../../../injector/errors.ts';
import { compareOutages, failedLooks, NO_OUTAGES } from '../../../injector/rotation/outage.ts';

const failure = (subject: string, code: FailureCode): Failure => ({ code, subject, headline: `${subject} failed.` });
const subjects = (failures: readonly Failure[]) => failures.map(({ subject }) => subject);

t.test('an outage begins once and ends once', async (t) => {
  const first = compareOutages(NO_OUTAGES, [failure('a', 'ASI_AWS_UNAVAILABLE'), failure('b', 'ASI_AWS_DENIED')]);
  t.strictSame([subjects(first.begun), first.ended], [['a', 'b'], []]);
  const second = compareOutages(first.outages, [failure('a', 'ASI_AWS_THROTTLED')]);
  t.strictSame([second.begun, subjects(second.ended)], [[], ['b']]);
  t.strictSame(subjects(compareOutages(second.outages, []).ended), ['a']);
});

t.test('an outage that is permanent now begins anew, as there is something to do', async (t) => {
  const { outages } = compareOutages(NO_OUTAGES, [failure('a', 'ASI_AWS_UNAVAILABLE')]);
  t.match(compareOutages(outages, [failure('a', 'ASI_AWS_DENIED')]), {
    begun: [{ code: 'ASI_AWS_DENIED' }],
    ended: [],
  });
});

t.test('a failure that came later hides an earlier one, which ends when it is absent without that', async (t) => {
  const role = failure('role', 'ASI_AWS_IDENTITY');
  const before = compareOutages(NO_OUTAGES, [failure('a', 'ASI_AWS_DENIED'), failure('b', 'ASI_AWS_DENIED')]);
  const hidden = compareOutages(before.outages, [role]);
  t.strictSame(hidden.ended, []);
  t.strictSame(compareOutages(hidden.outages, [role]).ended, []);
  const shown = compareOutages(hidden.outages, [failure('b', 'ASI_AWS_DENIED')]);
  t.strictSame([shown.begun, subjects(shown.ended)], [[], ['a', 'role']]);
});

/** Returns the number of failed looks that the pause after each of these looks counts. */
const pauses = (looks: readonly (readonly Failure[])[]) => {
  let outages = NO_OUTAGES;
  return looks.map((failures) => {
    outages = compareOutages(outages, failures).outages;
    return failedLooks(outages);
  });
};

t.test('a new failure is the first one again, although another one has gone on for long', async (t) => {
  const [gone, denied] = [failure('gone', 'ASI_AWS_NOT_FOUND'), failure('other', 'ASI_AWS_DENIED')];
  const role = failure('role', 'ASI_AWS_IDENTITY');
  t.strictSame(pauses([[gone], [gone], [role], [role], [gone], []]), [1, 2, 1, 2, 3, 0]);
  t.strictSame(pauses([[gone], [gone], [gone, denied], [gone, denied]]), [1, 2, 1, 2]);
});

t.test('the pauses grow although an outage meets other objects in each look', async (t) => {
  const throttled = (subject: string) => failure(subject, 'ASI_AWS_THROTTLED');
  t.strictSame(pauses([[throttled('a')], [throttled('b')], [throttled('a'), throttled('c')]]), [1, 2, 3]);
});
