import assert from 'node:assert/strict';
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import t from 'tap';
import { admit } from '../../../webhook/admission/admit.ts';
import { parseReview } from '../../../webhook/admission/review.ts';
import type { Declaration } from '../../../webhook/declare/declaration.ts';
import { makeConfig } from '../../../webhook/mutate/container/config.ts';
import { mutate } from '../../../webhook/mutate/mutate.ts';
import { diff } from '../../../webhook/pod/patch.ts';
import type { Container, Pod } from '../../../webhook/pod/pod.ts';
import { keepConfig, keepPrevious } from '../../../webhook/reinvocation/keep-previous.ts';
import { readPrevious } from '../../../webhook/reinvocation/previous.ts';
import { reviewOf } from '../../bench/webhook/review.ts';
import { facts, ROLE, settings } from '../support/admission.ts';

const OURS = ['aws-secrets-injector', 'aws-secrets-injector-sentinel'];

const declaration: Declaration = {
  objects: [{ service: 'secretsmanager', name: 'app/db', files: [{ path: 'db', mode: '0644' }] }],
  searches: [],
  templates: [],
  templateVariables: [],
  identity: { kind: 'web-identity' },
  variables: [],
  synced: [],
  volumes: [],
  region: 'eu-west-1',
  mountPath: '/mnt/secrets-store',
  position: { kind: 'first' },
};

const envFiles = { serverVersion: '1.35', server: true, everyNode: false };

function inject(given: Pod, declared = declaration): Pod {
  const previous = readPrevious(given);
  const pod = previous?.pod ?? given;
  const made = makeConfig({
    pod,
    namespace: 'shop',
    role: { roleArn: ROLE },
    declaration: declared,
    ownRegion: undefined,
    settings,
    envFiles,
  });
  const config = keepConfig(made, previous);
  const mutation = mutate(pod, { declaration: declared, config, previous, settings, envFiles, unsynced: [] });
  if (!mutation.ok) throw new Error(mutation.refusals.map(({ message }) => message).join('\n'));
  return mutation.pod;
}

function apply(pod: Pod, patch: readonly object[]): Pod {
  return jsonPatch.applyPatch(structuredClone(pod), patch as jsonPatch.Operation[], true).newDocument;
}

/** An empty list of mounts and none are the same to everyone. */
function withoutMount({ volumeMounts, ...container }: Container): object {
  return { ...container, volumeMounts: volumeMounts?.filter((it) => it.name !== 'aws-secrets') ?? [] };
}

const name = fc.stringMatching(/^[a-z]{1,6}$/);
const key = fc.stringMatching(/^[a-z~/.]{1,12}$/).filter((it) => !['env', 'command', 'args'].includes(it));
const extra = fc.dictionary(key, fc.jsonValue());
const mount = fc.record({ name, mountPath: fc.stringMatching(/^\/[a-z]{1,8}$/).filter((path) => path !== '/mnt') });
const container = fc
  .tuple(extra, fc.record({ name, volumeMounts: fc.array(mount), image: fc.string() }, { requiredKeys: ['name'] }))
  .map(([other, own]) => ({ ...other, ...own }));
const containers = (minLength: number) =>
  fc.uniqueArray(container, { minLength, maxLength: 6, selector: (one) => one.name });
const records = fc.record({
  metadata: fc.record({ annotations: fc.dictionary(key, fc.string()) }, { requiredKeys: [] }),
  spec: fc.record(
    {
      containers: containers(1),
      initContainers: containers(0),
      volumes: fc.uniqueArray(fc.record({ name, emptyDir: fc.constant({}) }), { selector: (one) => one.name }),
      priority: fc.jsonValue(),
    },
    { requiredKeys: ['containers'] },
  ),
});
const pods = records.map((pod): Pod => JSON.parse(JSON.stringify(pod)));
const positions = fc.oneof(
  fc.constant({ kind: 'first' } as const),
  fc.constant({ kind: 'last' } as const),
  name.map((it) => ({ kind: 'after', name: it }) as const),
);

t.test('the patch makes the injected pod of any pod, and a second one is empty', async () => {
  fc.assert(
    fc.property(pods, positions, (pod, position) => {
      const original = JSON.stringify(pod);
      const declared = { ...declaration, position };
      const after = inject(pod, declared);
      assert.deepEqual(apply(pod, [...diff(pod, after, OURS)]), after);
      assert.equal(JSON.stringify(pod), original);
      assert.deepEqual([...diff(after, inject(after, declared), OURS)], []);
    }),
  );
});

/** Marks what users wrote where we write too: no patch may hold it. */
const mark = fc.stringMatching(/^USER[a-z]{1,4}$/);
const own = fc.record({ name: fc.constantFrom('A', 'B', 'C', 'D'), value: mark });
const reference = fc.record({
  name: fc.constantFrom('E', 'F'),
  valueFrom: fc.constant({ secretKeyRef: { name: 'synced', key: 'k' } }),
});
const imports = fc.record({
  secretRef: fc.constantFrom({ name: 'synced' }, { name: 'other' }),
  prefix: fc.constant('USERp'),
});
const writing = fc.record(
  {
    name,
    command: fc.array(mark, { minLength: 1 }),
    args: fc.array(mark),
    env: fc.array(fc.oneof(own, reference)),
    envFrom: fc.array(imports),
    volumeMounts: fc.constantFrom(
      [],
      [{ name: 'csi', mountPath: '/csi' }],
      [{ name: 'csi', mountPath: '/csi', readOnly: true }],
    ),
  },
  { requiredKeys: ['name', 'command', 'volumeMounts'] },
);
/** Names are unique in the whole pod, as the API server demands it. */
const writers = fc.uniqueArray(writing, { minLength: 1, maxLength: 5, selector: (one) => one.name });
const csi = { name: 'csi', csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true } };
const writingPods = fc
  .record({
    containers: writers,
    initContainers: writers.map((list) => list.map((one) => ({ ...one, name: `${one.name}-init` }))),
    volumes: fc.constantFrom([csi], [{ name: 'a', emptyDir: {} }, csi]),
  })
  .map((spec): Pod => JSON.parse(JSON.stringify({ metadata: {}, spec })));
const declarations = fc.constantFrom('kubelet', 'shell').map((delivery): Declaration => {
  const variables = ['A', 'B', 'Z'].map((it) => ({ name: it, optional: it === 'B' }));
  const outputs =
    delivery === 'kubelet'
      ? { environment: variables.map((it) => ({ path: it.name, key: it.name })) }
      : { variables: variables.map((it) => ({ name: it.name })) };
  const directory = '/run/aws-secrets-injector/volumes/csi';
  return {
    ...declaration,
    objects: [
      { service: 'ssm', name: '/csi', files: [{ directory, path: 'csi', mode: '0644' }] },
      { service: 'ssm', name: '/p', files: [{ path: 'p', mode: '0644' }], ...outputs },
    ],
    delivery,
    variables,
    synced: [{ secretName: 'synced', keys: [{ key: 'k', object: 0 }] }],
    volumes: ['csi'],
  };
});

/** Returns the declaration of the annotations alone, once the volumes are taken over. */
function later(pod: Pod, declared: Declaration): Declaration {
  const objects = declared.objects.slice(1);
  const previous = readPrevious(pod);
  const own = previous?.pod ?? pod;
  return keepPrevious(own, { ...declared, objects, synced: [], volumes: [] }, previous);
}

t.test(
  'the patch takes over volumes and adds variables, without a word of what the user wrote, and settles',
  async () => {
    fc.assert(
      fc.property(writingPods, declarations, (pod, declared) => {
        const after = inject(pod, declared);
        const patch = [...diff(pod, after, OURS)];
        assert.deepEqual(apply(pod, patch), after);
        assert.doesNotMatch(JSON.stringify(patch).replaceAll('USERpk', ''), /USER/);
        const again = inject(after, later(after, declared));
        assert.deepEqual([...diff(after, again, OURS)], []);
      }),
    );
  },
);

t.test('lists that were reordered and edited at random are patched to what they are to become', async () => {
  const list = fc.array(fc.record({ name, value: fc.nat(3) }));
  fc.assert(
    fc.property(list, list, list, list, (one, two, three, four) => {
      const [before, after] = [
        [one, two],
        [three, four],
      ].map(
        ([env = [], initContainers = []]): Pod =>
          JSON.parse(JSON.stringify({ metadata: {}, spec: { containers: [{ name: 'app', env }], initContainers } })),
      );
      assert.ok(before && after);
      assert.deepEqual(apply(before, [...diff(before, after, ['a'])]), after);
    }),
  );
});

t.test('200 variables in 10 containers are added in front, in their order, each once', async (t) => {
  const names = Array.from({ length: 200 }, (_, index) => `VARIABLE_${index}`);
  const env = () => [{ name: 'OWN', value: 'USER $(VARIABLE_7)' }];
  const containers = Array.from({ length: 10 }, (_, index) => ({ name: `c${index}`, env: env() }));
  const pod: Pod = { metadata: {}, spec: { containers } };
  const environment = names.map((it) => ({ path: it, key: it }));
  const after = inject(pod, {
    ...declaration,
    objects: [{ service: 'secretsmanager', name: 'app/db', environment }],
    delivery: 'kubelet',
    variables: names.map((it) => ({ name: it, optional: false })),
  });
  for (const container of after.spec.containers)
    t.same(
      container.env?.map((it) => it.name),
      [...names, 'OWN'],
    );
  const patch = [...diff(pod, after, OURS)];
  const placed = patch.filter(({ path }) => /^\/spec\/containers\/\d\/env\/\d+$/.test(path));
  t.equal(placed.length, 2000);
  t.equal(placed.filter(({ op }) => op === 'copy').length, 1800, 'written once');
  t.notMatch(JSON.stringify(patch), /USER/);
  t.ok(JSON.stringify(patch).length < 512 * 1024, 'below half a MiB');
});

t.test('what the user wrote is still there, in its order', async () => {
  fc.assert(
    fc.property(pods, positions, (pod, position) => {
      const { spec, metadata } = structuredClone(inject(pod, { ...declaration, position }));
      const { initContainers = [], containers, volumes = [], ...rest } = spec;
      const others = initContainers?.filter((it) => !OURS.includes(it.name)) ?? [];
      assert.deepEqual(others.map(withoutMount), (pod.spec.initContainers ?? []).map(withoutMount));
      assert.deepEqual(containers.map(withoutMount), pod.spec.containers.map(withoutMount));
      assert.deepEqual(volumes?.slice(0, -2), pod.spec.volumes ?? []);
      const { initContainers: _i, containers: _c, volumes: _v, ...before } = pod.spec;
      assert.deepEqual(rest, before);
      const {
        'aws-secrets-injector.dev/status': status,
        'backup.velero.io/backup-volumes-excludes': excluded,
        ...annotations
      } = metadata.annotations ?? {};
      assert.equal(excluded, 'aws-secrets');
      assert.match(String(status), /^injected(; warnings: .+)?$/);
      assert.deepEqual(annotations, { ...pod.metadata.annotations });
    }),
  );
});

t.test('only adds to a pod of 50 containers, one operation for each', async (t) => {
  const many = Array.from({ length: 50 }, (_, index) => ({ name: `c${index}`, image: 'x' }));
  const pod: Pod = { metadata: {}, spec: { containers: many, initContainers: [{ name: 'one' }, { name: 'two' }] } };
  const patch = [...diff(pod, inject(pod), OURS)];
  t.same([...new Set(patch.map(({ op }) => op))], ['add']);
  t.equal(patch.filter(({ path }) => path.startsWith('/spec/containers/')).length, 50);
  t.equal(patch.filter(({ path }) => path.startsWith('/spec/initContainers/')).length, 3);
});

t.test('is below 4 KiB for a pod of two containers with three files and three variables', async (t) => {
  const known = { ...facts, roleOf: async () => ({ roleArn: ROLE }) };
  const read = parseReview(JSON.parse(reviewOf()));
  const answer = read.ok ? await admit(read.request, settings, known) : undefined;
  const patch = Buffer.from(answer?.review.response.patch ?? '', 'base64');
  t.match(JSON.parse(patch.toString()), [{ op: 'add' }]);
  t.ok(patch.length < 4 * 1024, `${patch.length} bytes`);
});

t.test('what several containers get is written once, first where nothing else is in its list', async (t) => {
  const variables = ['A', 'B'].map((it) => ({ name: it, optional: false }));
  const environment = variables.map((it) => ({ path: it.name, key: it.name }));
  const objects = [{ service: 'secretsmanager' as const, name: 'app/db', environment }];
  const containers = [{ name: 'app', env: [{ name: 'OWN', value: 'x' }] }, { name: 'one' }, { name: 'two' }];
  const pod: Pod = { metadata: {}, spec: { containers } };
  const after = inject(pod, { ...declaration, objects, delivery: 'kubelet', variables });
  const patch = [...diff(pod, after, OURS)];
  t.strictSame(
    patch.flatMap((one) => (one.path.includes('/containers/') ? [`${one.op} ${one.path}`] : [])),
    [
      'add /spec/containers/1/env',
      'copy /spec/containers/2/env',
      'copy /spec/containers/0/env/0',
      'copy /spec/containers/0/env/1',
    ],
  );
  t.strictSame(apply(pod, patch), after);
});

t.test('moves our container without touching the others', async (t) => {
  const pod = inject({ metadata: {}, spec: { containers: [{ name: 'app' }], initContainers: [{ name: 'one' }] } });
  const late: Pod = {
    ...pod,
    spec: { ...pod.spec, initContainers: [{ name: 'istio-init' }, ...(pod.spec.initContainers ?? [])] },
  };
  const patch = [...diff(late, inject(late), OURS)];
  t.same(
    patch.map(({ op, path }) => `${op} ${path}`),
    ['remove /spec/initContainers/1', 'add /spec/initContainers/0'],
  );
});
