import t from 'tap';
import type { Failure, FailureCode } from '../../../injector/errors.ts';
import { compareOutages, NO_OUTAGES } from '../../../injector/rotation/outage.ts';

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

t.test('a new failure is the first one again, although another one has gone on for long', async (t) => {
  const gone = failure('gone', 'ASI_AWS_NOT_FOUND');
  const role = failure('role', 'ASI_AWS_IDENTITY');
  const looks = [[gone], [gone], [role], [role], [gone], []];
  const failed: number[] = [];
  looks.reduce((before, failures) => {
    const { outages } = compareOutages(before, failures);
    failed.push(outages.failed);
    return outages;
  }, NO_OUTAGES);
  t.strictSame(failed, [1, 2, 1, 2, 3, 0]);
});
