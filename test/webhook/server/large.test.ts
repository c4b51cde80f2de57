/** Large reviews in a thread of their own. */
import t, { type Test } from 'tap';
import { createLargeReviews, type LargeOptions } from '../../../webhook/server/large/reviews.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { reviewBody } from '../../../webhook/server/reviews.ts';
import { until } from '../../kubernetes/api-server.ts';
import { facts, type Json, reviewOf, settings } from '../support/admission.ts';
import { startApp } from '../support/tls-client.ts';

const annotations = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };
const spec = { serviceAccountName: 'app', containers: [{ name: 'app', args: ['x'.repeat(200_000)] }] };
const TEXT = JSON.stringify(reviewOf({ metadata: { annotations }, spec }));

/** Starts a thread, and returns what failed in it beside its functions. */
function start(t: Test, options: Partial<LargeOptions> = {}) {
  const failures: Error[] = [];
  const large = createLargeReviews({ settings, facts, onFailure: (error) => failures.push(error), ...options });
  t.teardown(large.close);
  return { failures, close: large.close, review: (text: string) => large.review(Buffer.from(text)) };
}

t.test('a thread answers as the main thread does', async (t) => {
  const { review } = start(t);
  for (const text of [TEXT, JSON.stringify(reviewOf('pod')), JSON.stringify(reviewOf({ metadata: {}, spec }))]) {
    t.strictSame(await review(text), await reviewBody(Buffer.from(text), settings, facts));
  }
});

t.test('a thread says of what is no JSON what the main thread says', async (t) => {
  const { review } = start(t);
  await t.rejects(review('{'), { statusCode: 400, message: /^Body is not valid JSON/ });
});

t.test('a question that fails in the main thread is logged with its code', async (t) => {
  const failing = async () => {
    throw Object.assign(new Error('secret'), { name: 'ApiError', code: 'ECONNREFUSED' });
  };
  const { review, failures } = start(t, { facts: { ...facts, roleOf: failing } });
  const reviewed = await review(TEXT);
  t.match(reviewed, { line: { level: 'error', fields: { error: { name: 'ApiError', code: 'ECONNREFUSED' } } } });
  t.notMatch(JSON.stringify(reviewed), 'secret');
  t.strictSame(failures, []);
});

t.test('the body is moved, and not copied', async (t) => {
  const large = createLargeReviews({ settings, facts, onFailure: () => {} });
  t.teardown(large.close);
  const memory = new ArrayBuffer(Buffer.byteLength(TEXT));
  const body = Buffer.from(memory);
  body.write(TEXT);
  const reviewed = large.review(body);
  t.equal(memory.detached, true);
  t.match(await reviewed, { counted: { outcome: 'injected' } });
});

t.test('the reviews of a thread that ends fail, and the next one has another thread', async (t) => {
  const broken = { ...facts };
  // A function cannot be sent to a thread.
  broken.roleOf = async () => ({ roleArn: (() => {}) as unknown as string });
  const { review, failures } = start(t, { facts: broken });
  const both = await Promise.allSettled([review(TEXT), review(TEXT)]);
  t.match(both, [{ status: 'rejected' }, { status: 'rejected' }]);
  t.equal(failures.length, 1);
  broken.roleOf = facts.roleOf;
  t.match(await review(TEXT), { counted: { outcome: 'injected' } });
  t.equal(failures.length, 1);
});

t.test('a thread that does not answer in time is ended', async (t) => {
  const { review, failures } = start(t, { longestMs: 20, facts: { ...facts, roleOf: () => new Promise(() => {}) } });
  await t.rejects(review(TEXT), /took too long/);
  t.equal(failures.length, 1);
});

t.test('a thread that needs too much memory ends alone', async (t) => {
  const { review, failures } = start(t, { memory: { maxOldGenerationSizeMb: 4, maxYoungGenerationSizeMb: 1 } });
  await t.rejects(review(TEXT), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  t.match(failures, [{ code: 'ERR_WORKER_OUT_OF_MEMORY' }]);
});

t.test(
  'a large review of a broken thread is answered with 500, and logged and counted as a failure of the webhook',
  async (t) => {
    const lines: Json[] = [];
    const logStream = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const metrics = createMetrics('test');
    const roleOf = async () => ({ roleArn: (() => {}) as unknown as string });
    const { post } = await startApp(t, { facts: { ...facts, roleOf }, logLevel: 'warn', logStream, metrics });
    t.match(await post(TEXT), { status: 500, text: '{"error":"the webhook failed"}' });
    t.match(lines, [
      { level: 'error', message: 'The thread of large reviews ended; the next one starts another' },
      {
        level: 'warn',
        message: 'Failed at a request',
        reason: 'ASI_ADMIT_INTERNAL',
        error: { name: 'DataCloneError' },
      },
    ]);
    const text = await metrics.registry.metrics();
    t.match(text, 'admission_requests_total{outcome="failed",reason="ASI_ADMIT_INTERNAL"} 1');
    t.notMatch(text, 'reason="malformed"');
  },
);

t.test('a server that closes answers the large reviews that are under way', async (t) => {
  const { promise: open, resolve: release } = Promise.withResolvers<void>();
  let asked = 0;
  const roleOf: typeof facts.roleOf = async (...subject) => {
    asked += 1;
    await open;
    return facts.roleOf(...subject);
  };
  const { app, post } = await startApp(t, { facts: { ...facts, roleOf } });
  const answer = post(TEXT);
  await until(() => asked === 1);
  const closed = app.close();
  release();
  t.match(await answer, { status: 200, text: /"patch"/ });
  await closed;
});

t.test('a review that is under way when the thread is closed fails, and so does a later one', async (t) => {
  const { review, close, failures } = start(t);
  const underWay = review(TEXT);
  const results = Promise.allSettled([underWay, close().then(() => review(TEXT))]);
  t.match(await results, [
    { status: 'rejected', reason: { message: 'the thread of large reviews was closed' } },
    { status: 'rejected', reason: { message: 'the thread of large reviews is closed' } },
  ]);
  t.strictSame(failures, []);
});
