/** Tests with random pods that a patch makes the injected pod, and that what the user wrote stays. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { diff } from '../../../webhook/pod/patch.ts';
import type { Container, Pod } from '../../../webhook/pod/pod.ts';
import { apply, declaration, inject, name, OURS } from '../support/injection.ts';

/** An empty list of mounts and none are the same to everyone. */
function withoutMount({ volumeMounts, ...container }: Container): object {
  return { ...container, volumeMounts: volumeMounts?.filter((it) => it.name !== 'aws-secrets') ?? [] };
}

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
