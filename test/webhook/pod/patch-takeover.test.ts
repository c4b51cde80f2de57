/** Tests the patch of pods whose volumes are taken over and whose containers get variables, with random pods. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Declaration } from '../../../webhook/declare/declaration.ts';
import { diff } from '../../../webhook/pod/patch.ts';
import type { Pod } from '../../../webhook/pod/pod.ts';
import { keepPrevious } from '../../../webhook/reinvocation/keep-previous.ts';
import { readPrevious } from '../../../webhook/reinvocation/previous.ts';
import { apply, declaration, inject, name, OURS } from '../support/injection.ts';

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
