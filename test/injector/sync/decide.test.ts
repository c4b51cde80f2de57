/** Tests whether a Secret has to be written, by what the API server has. */
import t from 'tap';
import type { Owner } from '../../../injector/contract/sync-schema.ts';
import { Secret } from '../../../injector/secret.ts';
import { decide, type PresentSecret, type WantedSecret } from '../../../injector/sync/apply.ts';
import { ApiError, explainError } from '../../../injector/sync/explain.ts';
import { thrown } from '../support/errors.ts';

const owner: Owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', uid: 'u1' };
const other: Owner = { ...owner, name: 'other', uid: 'u2' };

const wanted: WantedSecret = {
  name: 'db',
  type: 'Opaque',
  labels: { app: 'shop' },
  annotations: { note: 'n' },
  data: new Map([['password', new Secret('pw')]]),
};

const LABELS = { app: 'shop', 'app.kubernetes.io/managed-by': 'aws-secrets-injector' };

const present: PresentSecret = {
  type: 'Opaque',
  data: { password: 'cHc=' },
  metadata: {
    resourceVersion: '7',
    labels: LABELS,
    annotations: { note: 'n' },
    ownerReferences: [owner],
    managedFields: [
      { manager: 'other', operation: 'Apply', fieldsV1: { 'f:data': { 'f:other': {} } } },
      { manager: 'aws-secrets-injector', operation: 'Update', fieldsV1: { 'f:data': { 'f:other': {} } } },
      {
        manager: 'aws-secrets-injector',
        operation: 'Apply',
        fieldsV1: {
          'f:data': { '.': {}, 'f:password': {} },
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:annotations': { 'f:note': {} } },
        },
      },
    ],
  },
};

const body = (more: object = {}, references: readonly Owner[] = [owner], resourceVersion = '7') => ({
  body: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'db',
      labels: LABELS,
      annotations: { note: 'n' },
      ownerReferences: references,
      resourceVersion,
      ...more,
    },
    type: 'Opaque',
    data: { password: 'cHc=' },
  },
});

t.test('a Secret that is not there is made at the version that none has', async (t) => {
  t.strictSame(decide(wanted, undefined, [owner]), body({}, [owner], '1'));
  const { annotations: _, labels: __, ...bare } = wanted;
  t.match(decide(bare, undefined, []), { body: { metadata: { annotations: {}, ownerReferences: [] } } });
});

t.test('a Secret that is as it should be is not written, whatever others added', async (t) => {
  t.equal(decide(wanted, present, [owner]), 'unchanged');
  const { metadata } = present;
  const more = {
    ...present,
    data: { ...present.data, other: 'eA==' },
    metadata: {
      ...metadata,
      labels: { ...LABELS, more: 'x' },
      annotations: { ...metadata.annotations, more: 'x' },
      ownerReferences: [other, owner],
    },
  };
  t.equal(decide(wanted, more, [owner]), 'unchanged');
  t.equal(decide(wanted, { ...present, immutable: true }, [owner]), 'unchanged');
});

/** Has Secrets that differ from the wanted one in one thing each, so that each has to be written. */
const CHANGES: Readonly<Record<string, Partial<PresentSecret> & { meta?: Partial<PresentSecret['metadata']> }>> = {
  'another value': { data: { password: 'eA==' } },
  'no value': { data: {} },
  'no data': { data: undefined as never },
  'another label': { meta: { labels: { ...LABELS, app: 'x' } } },
  'another annotation': { meta: { annotations: { note: 'x' } } },
  'no annotation': { meta: { annotations: undefined as never } },
  'a key that we applied before': { meta: { managedFields: fields({ 'f:data': { 'f:password': {}, 'f:gone': {} } }) } },
  'a label that we applied before': {
    meta: { managedFields: fields({ 'f:metadata': { 'f:labels': { 'f:gone': {} } } }) },
  },
  'an annotation that we applied before': {
    meta: { managedFields: fields({ 'f:metadata': { 'f:annotations': { 'f:gone': {} } } }) },
  },
};

function fields(fieldsV1: NonNullable<NonNullable<PresentSecret['metadata']['managedFields']>[number]['fieldsV1']>) {
  return [{ manager: 'aws-secrets-injector', operation: 'Apply', fieldsV1 }];
}

for (const [what, { meta, ...more }] of Object.entries(CHANGES)) {
  t.test(`a Secret with ${what} is written at the version that was read`, async (t) => {
    const changed = { ...present, ...more, metadata: { ...present.metadata, ...meta } };
    t.strictSame(decide(wanted, changed, [owner]), body());
  });
}

t.test('an owner that is missing is added to the others', async (t) => {
  const { ownerReferences: _, ...unowned } = present.metadata;
  t.strictSame(decide(wanted, present, [other]), body({}, [owner, other]));
  t.strictSame(decide(wanted, { ...present, metadata: unowned }, [owner]), body());
});

t.test('what must not or can not be changed is left alone', async (t) => {
  const labelled = (labels: Record<string, string> | undefined) => ({
    ...present,
    metadata: { ...present.metadata, labels: labels as never },
  });
  t.equal(decide(wanted, labelled(undefined), [owner]), 'foreign');
  t.equal(decide(wanted, labelled({ 'app.kubernetes.io/managed-by': 'Helm' }), [owner]), 'foreign');
  t.equal(decide(wanted, labelled({ 'secrets-store.csi.k8s.io/managed': 'false' }), [owner]), 'foreign');
  t.match(decide(wanted, labelled({ 'secrets-store.csi.k8s.io/managed': 'true' }), [owner]), body());
  t.equal(decide(wanted, { ...present, type: 'kubernetes.io/tls' }, [owner]), 'type');
  t.equal(decide(wanted, { ...present, immutable: true, data: {} }, [owner]), 'immutable');
});

const place = {
  namespace: 'shop',
  sync: {
    serviceAccount: 'sa',
    secrets: [
      { name: 'db', type: 'Opaque', data: [] },
      { name: 'tls', type: 'Opaque', data: [] },
    ],
  },
};

const answer = (status: number, message?: unknown, kind = 'Status') =>
  new ApiError({ status, retryAfter: '3', body: message === undefined ? undefined : { kind, message } });

t.test('an answer of the API server has its status, its pause and its words', async (t) => {
  const error = answer(503, 'a\nb');
  t.match(error, { name: 'ApiError', message: 'HTTP status 503', words: 'a b' });
  t.strictSame(error.$metadata, { httpStatusCode: 503 });
  t.strictSame(error.$response, { headers: { 'retry-after': '3' } });
  t.strictSame(
    [answer(500), answer(500, 1), answer(500, 'x', 'Secret')].map(({ words }) => words),
    ['', '', ''],
  );
  t.strictSame(
    [answer(500, 'x'.repeat(400)), answer(500, 'x'.repeat(401))].map(({ words }) => words.length),
    [400, 401],
  );
});

t.test('each status has its code and its words', async (t) => {
  const headline = 'The Secret "db" was not made.';
  const explained = (error: unknown) => explainError('db', error, place);
  const said = (status: number, words = '') => `The API server answered with HTTP status ${status}${words}.`;
  for (const status of [400, 402, 403, 404, 422, 499]) {
    const failure = { code: 'ASI_SYNC_REFUSED', subject: 'Secret db', headline, cause: said(status, ': no') };
    t.strictSame(explained(answer(status, 'no')), failure);
  }
  for (const status of [399, 401, 409, 429, 500, 503]) {
    const failure = { code: 'ASI_SYNC_UNAVAILABLE', subject: 'Secret db', headline, cause: said(status) };
    t.strictSame(explained(answer(status)), failure);
  }
  t.strictSame(explained(thrown({ name: 'TokenUnreadable' })), {
    code: 'ASI_SYNC_TOKEN',
    subject: 'Secret db',
    headline,
  });
  const cause = (word: string) => `The API server could not be reached: ${word}.`;
  t.equal(explained(thrown({ code: 'ECONNREFUSED' })).cause, cause('ECONNREFUSED'));
  t.equal(explained(thrown({ name: 'TimeoutError' })).cause, cause('TimeoutError'));
  t.equal(explained(thrown({ code: 'C'.repeat(81) })).cause, cause(`${'C'.repeat(80)}…`));
});

t.test('a right that is missing is answered by two commands for all Secrets of the pod', async (t) => {
  const words = 'secrets "db" is forbidden: User "x" cannot patch resource "secrets" in API group';
  const apply = '-n shop --dry-run=client -o yaml | kubectl apply -f -';
  t.strictSame(explainError('db', answer(403, words), place), {
    code: 'ASI_SYNC_DENIED',
    subject: 'Secret db',
    headline: 'The ServiceAccount "sa" may not patch the resource secrets "db" in the namespace "shop".',
    fix:
      `Run: kubectl create role aws-secrets-injector-sa --verb=get,create,patch --resource=secrets --resource-name=db --resource-name=tls ${apply}; ` +
      `kubectl create rolebinding aws-secrets-injector-sa --role=aws-secrets-injector-sa --serviceaccount=shop:sa ${apply}`,
  });
  t.equal(explainError('db', answer(400, words), place).code, 'ASI_SYNC_REFUSED');
});
