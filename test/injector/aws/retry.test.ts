import t from 'tap';
import { type Verdict, verdictOf } from '../../../injector/aws/error.ts';
import { createFewRetries, createRetries, retrying } from '../../../injector/aws/retry.ts';
import { createClock } from '../support/clock.ts';

const error = (name: string, httpStatusCode?: number, more: object = {}) =>
  Object.assign(new Error(name), { name, ...(httpStatusCode ? { $metadata: { httpStatusCode } } : {}), ...more });

const verdicts: [Error, Verdict][] = [
  [error('AccessDeniedException', 400), 'permanent'],
  [error('AccessDenied', 403), 'permanent'],
  [error('ResourceNotFoundException', 400), 'permanent'],
  [error('InvalidIdentityToken', 400), 'permanent'],
  [error('UnrecognizedClientException', 400), 'permanent'],
  [error('Error', undefined, { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'permanent'],
  [error('Error', undefined, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'permanent'],
  [error('ThrottlingException', 400), 'transient'],
  [error('TooManyRequestsException', 400), 'transient'],
  [error('Unknown', 429), 'transient'],
  [error('IDPCommunicationError', 400), 'transient'],
  [error('InternalServiceError', 500), 'transient'],
  [error('Unknown', 503), 'transient'],
  [error('SyntaxError', 200), 'transient'],
  [error('TimeoutError'), 'transient'],
  [error('Error', undefined, { code: 'ECONNRESET' }), 'transient'],
  [error('Error', undefined, { code: 'ENOTFOUND' }), 'transient'],
  [error('ValidationException', 400), 'never'],
  [error('InvalidRequestException', 400), 'never'],
];

for (const [thrown, verdict] of verdicts) {
  t.test(`${thrown.name} ${'code' in thrown ? thrown.code : ''} is ${verdict}`, async (t) => {
    t.equal(verdictOf(thrown), verdict);
  });
}

async function runWith(deadline: number, attempt: (elapsed: number) => void) {
  const clock = createClock();
  let tries = 0;
  const outcome = await retrying(createRetries(clock, clock.now() + deadline), async () => {
    tries += 1;
    attempt(clock.elapsed());
  }).then(
    () => 'done',
    (thrown: Error) => thrown.name,
  );
  return { outcome, tries, elapsed: clock.elapsed() };
}

t.test('what is transient is tried until the deadline, and then once more at it', async (t) => {
  const { outcome, elapsed, tries } = await runWith(60_000, () => {
    throw error('ThrottlingException', 400);
  });
  t.strictSame([outcome, elapsed], ['ThrottlingException', 60_000]);
  t.ok(tries > 8 && tries < 25, `${tries} tries`);
});

t.test('the 15 s for what looks permanent begin when it first appears', async (t) => {
  const { outcome, elapsed } = await runWith(60_000, (elapsed) => {
    throw elapsed < 20_000 ? error('TimeoutError') : error('AccessDeniedException', 400);
  });
  t.equal(outcome, 'AccessDeniedException');
  t.ok(elapsed > 35_000 - 1 && elapsed < 50_000, `${elapsed}`);
});

t.test('the deadline ends the 15 s too', async (t) => {
  const { elapsed } = await runWith(4_000, () => {
    throw error('AccessDeniedException', 400);
  });
  t.equal(elapsed, 4_000);
});

t.test('a role that becomes known while it is waited for works', async (t) => {
  const { outcome } = await runWith(30_000, (elapsed) => {
    if (elapsed < 12_000) throw error('AccessDenied', 403);
  });
  t.equal(outcome, 'done');
});

t.test("a server's wish to wait is heard, up to 20 s", async (t) => {
  const clock = createClock();
  const retries = createRetries(clock, clock.now() + 300_000);
  const first = await retries.acquireInitialRetryToken('');
  const retryAfterHint = new Date(clock.now() + 600_000);
  await retries.refreshRetryTokenForRetry(first, { errorType: 'THROTTLING', retryAfterHint });
  t.equal(clock.elapsed(), 20_000);
});

/** Returns an error of a server that asks for a pause of so many seconds. */
function busy(seconds: string): Error {
  return Object.assign(error('ThrottlingException', 400), { $response: { headers: { 'retry-after': seconds } } });
}

const pauses: [header: string, remaining: number, pause: number][] = [
  ['7', 300_000, 7_000],
  ['7', 2_000, 2_000],
  ['600', 300_000, 20_000],
];
for (const [header, remaining, pause] of pauses) {
  t.test(`Retry-After: ${header} with ${remaining} ms left is a pause of ${pause} ms`, async (t) => {
    const clock = createClock();
    let made = 0;
    await retrying(createRetries(clock, clock.now() + remaining), async () => {
      made += 1;
      if (made === 1) throw busy(header);
    });
    t.equal(clock.elapsed(), pause);
  });
}

const inPairs: [what: string, thrown: () => Error, remaining: number, tries: number, elapsed: number | undefined][] = [
  ['a transient error', () => error('ThrottlingException', 400), 60_000, 3, undefined],
  ['a transient error of a server that asks for 10 s', () => busy('10'), 60_000, 3, 2_000],
  ['a transient error of a server that asks for 10 s near the deadline', () => busy('10'), 1_500, 3, 1_500],
  ['a transient error at the deadline', () => busy('10'), 1_000, 2, 1_000],
  ['a time-out', () => error('TimeoutError'), 60_000, 1, 0],
  ['an error that looks permanent', () => error('AccessDeniedException', 400), 60_000, 1, 0],
];
for (const [what, thrown, remaining, tries, elapsed] of inPairs) {
  t.test(`in a region of a pair ${what} is tried ${tries} times, in ${elapsed ?? 'some'} ms`, async (t) => {
    const clock = createClock();
    let made = 0;
    const outcome = retrying(createFewRetries(clock, clock.now() + remaining), async () => {
      made += 1;
      throw thrown();
    });
    await outcome.catch(() => {});
    t.strictSame([made, clock.elapsed()], [tries, elapsed ?? clock.elapsed()]);
  });
}

/** Returns the milliseconds at which tries are made that all fail with this error, if chance makes each pause the longest. */
async function triesOf(thrown: Error, create: typeof createRetries): Promise<number[]> {
  const clock = createClock([], { random: () => 1 });
  const tries: number[] = [];
  const retries = create(clock, clock.now() + 60_000);
  await retrying(retries, async () => {
    tries.push(clock.elapsed());
    throw thrown;
  }).catch(() => {});
  return tries;
}

t.test('pauses double from a tenth of a second, up to 20 s, and the last try is at the deadline', async (t) => {
  const tries = [0, 100, 300, 700, 1500, 3100, 6300, 12_700, 25_500, 45_500, 60_000];
  t.strictSame(await triesOf(error('ThrottlingException', 400), createRetries), tries);
});

t.test('pauses after what looks permanent are 3 s at most, for 15 s in all', async (t) => {
  const tries = [0, 100, 300, 700, 1500, 3100, 6100, 9100, 12_100, 15_000];
  t.strictSame(await triesOf(error('AccessDeniedException', 400), createRetries), tries);
});

t.test('what is asked for once more has one more try, and what can not change has none', async (t) => {
  t.strictSame(await triesOf(error('OptionalMissing'), createRetries), [0, 100]);
  t.strictSame(await triesOf(error('ValidationException', 400), createRetries), [0]);
});

t.test('a region of a pair has three tries, with pauses of a second at most', async (t) => {
  t.strictSame(await triesOf(error('ThrottlingException', 400), createFewRetries), [0, 100, 300]);
});

t.test('the pause that a server asks for by the SDK begins now, and the deadline cuts it', async (t) => {
  const clock = createClock([], { random: () => 0 });
  const retries = createRetries(clock, clock.now() + 7_000);
  t.equal(retries.remaining(), 7_000);
  const first = await retries.acquireInitialRetryToken('');
  t.equal(first.getRetryCount(), 0);
  const ask = { errorType: 'THROTTLING', retryAfterHint: new Date(clock.now() + 5_000) } as const;
  const second = await retries.refreshRetryTokenForRetry(first, ask);
  t.strictSame([clock.elapsed(), second.getRetryCount()], [5_000, 1]);
  await retries.refreshRetryTokenForRetry(second, { ...ask, retryAfterHint: new Date(clock.now() + 5_000) });
  t.equal(clock.elapsed(), 7_000);
});
