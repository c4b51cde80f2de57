/** Tests the small parts that talk to the API server, without one. */
import type { FastifyListenOptions } from 'fastify';
import t from 'tap';
import { backoff, pause } from '../../../webhook/kubernetes/backoff.ts';
import type { Client } from '../../../webhook/kubernetes/client.ts';
import { ApiError, describeError, found, isAnswer } from '../../../webhook/kubernetes/errors.ts';
import { listAll, METADATA, METADATA_LIST } from '../../../webhook/kubernetes/list.ts';
import { listenEverywhere } from '../../../webhook/server/listen.ts';

t.test('a pause after a failure doubles from a second to half a minute, and is at least half of that', async (t) => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 60].map((failures) => backoff(failures, () => 1));
  t.strictSame(longest, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  t.strictSame(
    [1, 6].map((failures) => backoff(failures, () => 0)),
    [500, 15_000],
  );
  const chosen = backoff(1);
  t.ok(chosen >= 500 && chosen <= 1000);
});

t.test('a pause ends with its signal, and throws nothing', async (t) => {
  await pause(600_000, AbortSignal.abort());
  await pause(1, new AbortController().signal);
  t.pass('both came back');
});

t.test('an answer that is no success has its status and the reason of the API server', async (t) => {
  t.match(new ApiError(403, '{"message":"no"}'), {
    name: 'ApiError',
    code: 403,
    message: 'the API server answered 403: no',
  });
  for (const body of ['', 'plain', '{"message":1}', '{}']) {
    t.equal(new ApiError(502, body).message, 'the API server answered 502');
  }
});

t.test('a status is one of those that are meant, and 404 is nothing', async (t) => {
  t.ok(isAnswer(new ApiError(409, ''), 404, 409));
  t.notOk(isAnswer(new ApiError(410, ''), 404, 409));
  t.notOk(isAnswer(Object.assign(new Error('x'), { code: 409 }), 409));
  t.equal(await found(Promise.resolve(1)), 1);
  t.equal(await found(Promise.reject(new ApiError(404, ''))), undefined);
  await t.rejects(found(Promise.reject(new ApiError(500, ''))), { message: 'the API server answered 500' });
});

t.test('an error is told in one line, with its cause', async (t) => {
  const cause = new Error('why');
  t.equal(describeError(new Error('what\nmore')), 'what');
  t.equal(describeError(new Error('what', { cause })), 'what: why');
  t.equal(describeError(new Error('what', { cause: 'text' })), 'what');
  t.equal(describeError(Object.assign(new Error(''), { code: 'ECONNREFUSED' })), 'ECONNREFUSED');
  t.equal(describeError('text'), 'text');
});

t.test('a list is read page by page, trimmed, up to the version of the last page', async (t) => {
  const asked: unknown[] = [];
  const pages = [
    { items: [1, 2], metadata: { continue: 'c1', resourceVersion: '7' } },
    { items: [3], metadata: { continue: '', resourceVersion: '8' } },
  ];
  const get = async (...request: unknown[]) => {
    asked.push(request);
    return pages[asked.length - 1] ?? { items: [] };
  };
  const client = { get } as unknown as Client;
  const listed = await listAll(client, { path: '/api/v1/pods', accept: 'x/y' }, (raw: number) => raw * 10);
  t.strictSame(listed, { path: '/api/v1/pods', items: [10, 20, 30], resourceVersion: '8' });
  t.strictSame(asked, [
    ['/api/v1/pods', { query: { limit: 500 }, accept: 'x/y' }],
    ['/api/v1/pods', { query: { limit: 500, continue: 'c1' }, accept: 'x/y' }],
  ]);
  t.strictSame(await listAll(client, { path: '/p' }, (raw) => raw), { path: '/p', items: [], resourceVersion: '' });
  t.strictSame(asked.at(-1), ['/p', { query: { limit: 500 } }]);
});

t.test('metadata is asked for by the media types of the API', async (t) => {
  t.equal(METADATA, 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  t.equal(METADATA_LIST, 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
});

t.test('a server listens on IPv6, and on IPv4 only where the kernel has no IPv6', async (t) => {
  const listenWith = async (code: string | undefined) => {
    const asked: unknown[] = [];
    const listen = async ({ host, port, backlog }: FastifyListenOptions) => {
      asked.push({ host, port, backlog });
      if (asked.length === 1 && code !== undefined) throw Object.assign(new Error(code), { code });
    };
    await listenEverywhere({ listen }, 8443);
    return asked;
  };
  const first = { host: '::', port: 8443, backlog: 4096 };
  t.strictSame(await listenWith(undefined), [first]);
  t.strictSame(await listenWith('EAFNOSUPPORT'), [first, { ...first, host: '0.0.0.0' }]);
  await t.rejects(listenWith('EADDRINUSE'), { code: 'EADDRINUSE' });
});
