/** Tests what the server logs about reviews and clients: one JSON object per line, with no values of users. */
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { buildApp } from '../../../webhook/server/app.ts';
import { listenEverywhere } from '../../../webhook/server/listen.ts';
import { isoTime, logLine } from '../../../webhook/server/log-format.ts';
import { until } from '../../kubernetes/api-server.ts';
import { facts, type Json, patched, reviewOf, settings } from '../support/admission.ts';
import { issue, startApp } from '../support/tls-client.ts';

const FILES = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };

function pod(name: string, annotations: Record<string, string> = FILES): Json {
  return {
    metadata: { generateName: name, annotations },
    spec: { serviceAccountName: 'app', containers: [{ name }] },
  };
}

function recordedLines() {
  const lines: string[] = [];
  return {
    lines: (): Json[] => lines.map((line) => JSON.parse(line)),
    logStream: { write: (line: string) => void lines.push(line) },
  };
}

t.test('logs JSON with uid, names and the reason, and nothing else of a pod', async (t) => {
  const { lines, logStream } = recordedLines();
  const { post } = await startApp(t, { logLevel: 'debug', logStream });
  const spec = { serviceAccountName: 'app', containers: [{ name: 'c', env: [{ name: 'X', value: 'hunter2' }] }] };
  await post(JSON.stringify(reviewOf({ ...pod('shop-'), spec })));
  await post(JSON.stringify(reviewOf({ ...pod('idle-', { note: 'hunter2' }), spec }, { uid: 'another' })));
  const logged = lines().filter(({ uid }) => uid !== undefined);
  t.match(logged, [
    {
      time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
      level: 'info',
      message: 'Injected a pod',
      uid: /^705ab4f5/,
      namespace: 'shop',
      pod: 'shop-',
      outcome: 'injected',
      reason: 'declared',
    },
    {
      level: 'debug',
      uid: 'another',
      pod: 'idle-',
      outcome: 'skipped',
      reason: 'nothing-declared',
      message: 'The pod declares nothing.',
    },
  ]);
  t.notMatch(JSON.stringify(logged), /hunter2|patch|app\/db/);
});

t.test('logs the sentences of a refusal', async (t) => {
  const { lines, logStream } = recordedLines();
  const { post } = await startApp(t, { logLevel: 'info', logStream });
  const files = { 'aws-secrets-injector.dev/files': 'a: b#', 'aws-secrets-injector.dev/cpu': 'x' };
  await post(JSON.stringify(reviewOf(pod('shop-', files))));
  t.match(lines().at(-1), {
    level: 'info',
    message: 'Refused a pod',
    outcome: 'denied',
    refusal: /^ASI_ADMIT_INVALID_VALUE: cpu: "x" is not an amount of CPU.* ASI_ADMIT_INVALID_REFERENCE: files: a: /,
  });
});

t.test('logs the kind of an error of the webhook and the ten innermost calls, and never its words', async (t) => {
  const { lines, logStream } = recordedLines();
  const calls = Array.from({ length: 12 }, (_, index) => `at call${index} (webhook.mjs:${index + 1}:1)`);
  const stack = ['Error: hunter2', ...calls.map((call) => `    ${call}`)].join('\n');
  const failing = {
    ...facts,
    roleOf: () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED', stack })),
  };
  const { post } = await startApp(t, { logLevel: 'info', logStream, facts: failing });
  await post(JSON.stringify(reviewOf(pod('shop-'))));
  const line = lines().at(-1) ?? {};
  t.match(line, { level: 'error', message: 'Failed at a pod', outcome: 'failed' });
  t.same(line['error'], { name: 'Error', code: 'ECONNREFUSED', stack: calls.slice(0, 10) });
  t.notMatch(JSON.stringify(line), 'hunter2');
});

t.test('logs an error that is no error as such', async (t) => {
  const { lines, logStream } = recordedLines();
  const failing = { ...facts, roleOf: () => Promise.reject('hunter2') };
  const { post } = await startApp(t, { logLevel: 'info', logStream, facts: failing });
  await post(JSON.stringify(reviewOf(pod('shop-'))));
  t.match(lines().at(-1), { level: 'error', error: { name: 'Error' } });
  t.notMatch(JSON.stringify(lines()), 'hunter2');
});

t.test('a line without a logger has the same format', (t) => {
  const line = logLine('warn', 'It ends', { code: 'X' });
  t.match(line, /^\{.*\}\n$/);
  const { time, ...rest } = JSON.parse(line);
  t.equal(new Date(time).toISOString(), time);
  t.strictSame(rest, { level: 'warn', message: 'It ends', code: 'X' });
  t.end();
});

t.test('logs the second pass of an injection at debug, with a reason of its own', async (t) => {
  const { lines, logStream } = recordedLines();
  const { post } = await startApp(t, { logLevel: 'debug', logStream });
  const body = pod('shop-');
  const first = await post(JSON.stringify(reviewOf(body)));
  await post(JSON.stringify(reviewOf(patched(body, JSON.parse(first.text)))));
  t.match(lines().at(-1), { level: 'debug', outcome: 'unchanged', reason: 'reinvocation' });
});

t.test('what anybody may say in a review makes no long line', async (t) => {
  const { lines, logStream } = recordedLines();
  const { post } = await startApp(t, { logLevel: 'info', logStream });
  const [uid, namespace] = ['u'.repeat(253), `n${'s'.repeat(252)}`];
  t.equal((await post(JSON.stringify(reviewOf(pod('app'), { uid, namespace })))).status, 200);
  const [logged] = lines().filter((line) => line['outcome'] !== undefined);
  t.match(logged, { uid: /^u{50}/, namespace: /^ns{50}/ });
  t.ok(JSON.stringify(logged).length < 500);
});

t.test('one debug line says why nothing was injected', async (t) => {
  const { lines, logStream } = recordedLines();
  const { post } = await startApp(t, { logLevel: 'debug', logStream });
  await post(JSON.stringify(reviewOf(pod('off', { ...FILES, 'aws-secrets-injector.dev/inject': 'false' }))));
  t.match(
    lines().filter(({ level }) => level === 'debug'),
    [{ pod: 'off', reason: 'switched-off', message: 'The pod declares something, and says inject: "false".' }],
  );
});

t.test('logs a handshake that fails, and why', async (t) => {
  const { lines, logStream } = recordedLines();
  const { post } = await startApp(t, { logLevel: 'info', logStream, clientCa: (await issue()).cert });
  await post('{}').catch(() => {});
  const warnings = () => lines().filter(({ level }) => level === 'warn');
  await until(() => warnings().length > 0);
  t.match(warnings(), [{ problem: /^ERR_SSL/, message: 'A TLS handshake failed' }]);
});

t.test('logs where it listens, and says of no port with TLS that it speaks HTTP', async (t) => {
  const { lines, logStream } = recordedLines();
  const app = buildApp({ settings, facts, logStream });
  t.teardown(() => app.close());
  await listenEverywhere(app, 0);
  const { port } = app.server.address() as AddressInfo;
  t.match(lines(), [{ level: 'info', message: new RegExp(`^Listening at [^/]+:${port}$`) }]);
});

for (const [name, time] of Object.entries({
  'a whole second': 1_764_115_200_000,
  'a later millisecond of the same second': 1_764_115_200_007,
  'the end of that second': 1_764_115_200_999,
  'another second': 1_764_115_201_000,
  'a second before, as clocks are set back': 1_764_115_199_050,
})) {
  t.test(`writes ${name} as Date writes it`, (t) => {
    t.equal(isoTime(time), new Date(time).toISOString());
    t.end();
  });
}
