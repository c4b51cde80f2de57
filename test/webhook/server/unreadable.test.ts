/** Tests what the server answers, logs and counts where it can not read what it is sent. */
import t, { type Test } from 'tap';
import { createMetrics } from '../../../webhook/server/metrics.ts';
import { type Json, reviewOf } from '../support/admission.ts';
import { startApp } from '../support/tls-client.ts';

const review = (more: Json = {}) =>
  JSON.stringify(reviewOf({ metadata: {}, spec: { containers: [{ name: 'app' }] } }, more));

type Case = { body: string; path?: string; type?: string; status: number; line: object; error: RegExp | string };

const BEFORE = 'Refused a request before it was read';

const CASES: Readonly<Record<string, Case>> = {
  'what is not JSON': {
    body: '{',
    status: 400,
    line: { level: 'warn', message: 'Could not read a request', status: 400, problem: /not valid JSON/ },
    error: /not valid JSON/,
  },
  'a review without a uid': {
    body: review({ uid: undefined }),
    status: 400,
    line: { level: 'warn', message: 'Could not read a review', problem: /uid/ },
    error: /uid/,
  },
  'another content type': {
    body: '<x/>',
    type: 'application/xml',
    status: 415,
    line: { level: 'warn', message: BEFORE, status: 415, problem: /application\/json/ },
    error: /application\/json/,
  },
  'another path': {
    body: '{}',
    path: '/other',
    status: 404,
    line: { level: 'warn', message: BEFORE, status: 404, problem: 'there is nothing here; ask for /mutate or /advise' },
    error: 'there is nothing here; ask for /mutate or /advise',
  },
  'what is no review of a workload': {
    body: '{}',
    path: '/advise',
    status: 400,
    line: {},
    error: 'not an AdmissionReview v1 of a workload',
  },
};

/** Sends one request to a new server, and returns its answer, the warnings and how many requests could not be read. */
async function send(t: Test, { body, path = '/mutate', type = 'application/json' }: Case, isCounted: boolean) {
  const lines: string[] = [];
  const metrics = createMetrics('test');
  const logStream = { write: (line: string) => void lines.push(line) };
  const { post } = await startApp(t, { logLevel: 'info', logStream, advises: true, ...(isCounted && { metrics }) });
  const { status, text } = await post(body, { path, type });
  const warnings = lines.map((line): Json => JSON.parse(line)).filter(({ level }) => level === 'warn');
  const counted = /admission_requests_total\{outcome="failed",reason="malformed"\} (\d+)/;
  return { status, text, warnings, malformed: Number(counted.exec(await metrics.registry.metrics())?.[1] ?? 0) };
}

for (const [what, each] of Object.entries(CASES)) {
  t.test(`${what} is refused in words, logged and counted, and refused without metrics, too`, async (t) => {
    for (const isCounted of [true, false]) {
      const { status, text, warnings, malformed } = await send(t, each, isCounted);
      t.equal(status, each.status);
      t.match(JSON.parse(text), { error: each.error });
      t.match(warnings, Object.keys(each.line).length === 0 ? [] : [each.line]);
      t.equal(warnings.length, Object.keys(each.line).length === 0 ? 0 : 1);
      t.equal(malformed, isCounted ? 1 : 0);
    }
  });
}

t.test('an answer is counted with its seconds, and a refusal with the kind of the owner', async (t) => {
  const metrics = createMetrics('test');
  const { post } = await startApp(t, { metrics });
  const annotations = { 'aws-secrets-injector.dev/files': 'password' };
  const ownerReferences = ['ReplicaSet', 'Other'].map((kind) => ({ apiVersion: 'v1', kind, name: 'x', uid: 'u' }));
  const pod = {
    metadata: { annotations, ownerReferences },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app' }] },
  };
  const { text: answer } = await post(JSON.stringify(reviewOf(pod)));
  t.match(answer, 'ASI_ADMIT');
  const text = await metrics.registry.metrics();
  t.match(text, /pods_refused_total\{[^}]*owner="ReplicaSet"[^}]*\} 1/);
  const [, seconds = NaN] = /admission_duration_seconds_sum\S* (\S+)/.exec(text) ?? [];
  t.ok(Number(seconds) > 0 && Number(seconds) < 20, `${seconds} are no milliseconds`);
});
