/** Advice as the API server gets it: over HTTP, always allowed, and never in the way of a pod. */
import t from 'tap';
import { ANNOTATIONS } from '../../../webhook/declare/annotation-table.ts';
import { createAdviser } from '../../../webhook/server/advice.ts';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { facts, type Json, reviewOf, settings } from '../support/admission.ts';
import { startApp } from '../support/tls-client.ts';

const PATH = { path: '/advise?timeout=1s' };
const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';

function review(files: string, more: Json = {}): Json {
  const template = {
    metadata: { annotations: { 'aws-secrets-injector.dev/files': files } },
    spec: { serviceAccountName: 'app', containers: [{ name: 'web' }] },
  };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template }, ...more };
  return reviewOf(object, { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } });
}

t.test('allows a workload, and warns of what is wrong with its pods', async (t) => {
  const metrics = createMetrics('test');
  const { post } = await startApp(t, { advises: true, metrics });
  const { status, text } = await post(JSON.stringify(review('a: [')), PATH);
  t.equal(status, 200);
  t.match(JSON.parse(text).response, { uid: UID, allowed: true, warnings: [/^aws-secrets-injector will refuse/] });
  t.match(await metrics.registry.metrics(), /advice_requests_total\{result="warned"\} 1/);
});

t.test('hands over many mistakes as warnings that the API server does not cut', async (t) => {
  const { post } = await startApp(t, { advises: true });
  const annotations = Object.fromEntries(
    Object.keys(ANNOTATIONS).map((name) => [`aws-secrets-injector.dev/${name}`, 'x']),
  );
  const { text } = await post(JSON.stringify(review('a: b', { metadata: { name: 'web', annotations } })), PATH);
  const { warnings } = JSON.parse(text).response as { warnings: string[] };
  t.ok(warnings.join('').length < 4096);
  t.match(warnings.at(-1), /^and \d+ more warnings$/);
});

t.test('is no route where it is switched off', async (t) => {
  const { post } = await startApp(t);
  t.match(await post(JSON.stringify(review('a: [')), PATH), { status: 404 });
});

t.test('answers what is no review with 400', async (t) => {
  const { post } = await startApp(t, { advises: true });
  t.match(await post('{"kind":"AdmissionReview"}', PATH), { status: 400 });
});

/** An adviser, the results that it counts, and how many bodies it parses. */
function adviser(isBusy: () => boolean, known = facts) {
  const results: string[] = [];
  let parsed = 0;
  const log = { debug: () => {} } as unknown as Parameters<typeof createAdviser>[0]['log'];
  const advise = createAdviser({ settings, facts: known, log, isBusy, onResult: (result) => results.push(result) });
  const parse = (body: Buffer) => {
    parsed += 1;
    return JSON.parse(body.toString());
  };
  return { results, parsed: () => parsed, ask: (body: Json) => advise(Buffer.from(JSON.stringify(body)), parse) };
}

t.test('while a pod waits, allows the workload without having parsed it', async (t) => {
  const { ask, parsed, results } = adviser(() => true);
  t.match(await ask(review('a: [')), { response: { uid: UID, allowed: true } });
  t.equal(parsed(), 0);
  t.strictSame(results, ['busy']);
});

t.test('looks at no more than four at a time, and allows the others at once', async (t) => {
  const { promise, resolve } = Promise.withResolvers<{ roleArn: string }>();
  const { ask, results } = adviser(() => false, { ...facts, roleOf: () => promise });
  const asked = Array.from({ length: 6 }, () => ask(review('a: shop/a')));
  await Promise.all(asked.slice(4));
  t.strictSame(results, ['busy', 'busy']);
  resolve({ roleArn: 'arn:aws:iam::111122223333:role/app' });
  await Promise.all(asked);
  t.strictSame(results.slice(2), ['nothing', 'nothing', 'nothing', 'nothing']);
});

t.test('allows a review of more than 256 KiB without having parsed it', async (t) => {
  const { ask, parsed } = adviser(() => false);
  t.match(await ask(review('a: [', { padding: 'x'.repeat(256 * 2 ** 10) })), { response: { uid: UID, allowed: true } });
  t.equal(parsed(), 0);
});
