/** Tests what the pods of one Deployment share, and the patches that are made of it. */
import t from 'tap';
import { encodePatch } from '../../../webhook/pod/encode-patch.ts';
import type { PatchOperation } from '../../../webhook/pod/patch.ts';
import type { Pod } from '../../../webhook/pod/pod.ts';
import { share } from '../../../webhook/pod/shared.ts';
import { declaration, inject } from '../support/injection.ts';

const variables = ['A', 'B'].map((name) => ({ name, optional: false }));
const environment = variables.map(({ name }) => ({ path: name, key: name }));
const files = [{ path: 'db', mode: '0644' }];
const declared = {
  ...declaration,
  objects: [{ service: 'secretsmanager' as const, name: 'app/db', files, environment }],
  delivery: 'kubelet' as const,
  variables,
};

const podOf = (cpu: string): Pod => ({
  metadata: {},
  spec: { containers: [{ name: 'app', resources: { requests: { cpu } } }], volumes: [{ name: 'own' }] },
});

t.test('pods with one declaration get the very same container, volumes, mounts and variables', async (t) => {
  const [one, other] = [inject(podOf('1'), declared), inject(podOf('1'), declared)];
  t.equal(one.spec.initContainers?.[0], other.spec.initContainers?.[0]);
  t.equal(one.spec.volumes?.[1], other.spec.volumes?.[1]);
  t.equal(one.spec.containers[0]?.volumeMounts?.[0], other.spec.containers[0]?.volumeMounts?.[0]);
  t.equal(one.spec.containers[0]?.env, other.spec.containers[0]?.env);
});

t.test('a pod with other resources gets another container', async (t) => {
  const [one, other] = [inject(podOf('1'), declared), inject(podOf('2'), declared)];
  t.equal(one.spec.initContainers?.[0]?.resources?.requests?.['cpu'], '1');
  t.equal(other.spec.initContainers?.[0]?.resources?.requests?.['cpu'], '2');
});

t.test('a sidecar gets what the other sidecars of its pod leave, and not those of the pod before it', async (t) => {
  const rotating = { ...declared, rotation: 3600 };
  const podWith = (cpu: string): Pod => ({
    metadata: {},
    spec: {
      containers: [{ name: 'app', resources: { requests: { cpu: '900m' } } }],
      initContainers: [{ name: 'proxy', restartPolicy: 'Always', resources: { requests: { cpu } } }],
      resources: { requests: { cpu: '1' } },
    },
  });
  const requests = ['96m', '98m'].map(
    (cpu) => inject(podWith(cpu), rotating).spec.initContainers?.[0]?.resources?.requests?.['cpu'],
  );
  t.strictSame(requests, ['4m', '2m']);
});

t.test('a container with quantities of many characters is made for each pod, and not kept', async (t) => {
  const cpu = '1'.repeat(1000);
  const [one, other] = [inject(podOf(cpu), declared), inject(podOf(cpu), declared)];
  t.not(one.spec.initContainers?.[0], other.spec.initContainers?.[0]);
  t.same(one.spec.initContainers?.[0], other.spec.initContainers?.[0]);
});

t.test('nobody can change what is shared', async (t) => {
  const shared = share({ list: [{ name: 'a' }] });
  t.throws(() => shared.list.push({ name: 'b' }), TypeError);
  t.throws(() => Object.assign(shared.list[0] ?? {}, { name: 'b' }), TypeError);
});

t.test('a patch with shared objects is the JSON of its operations', async (t) => {
  const [a, b] = [share({ name: 'a "quoted" ü' }), share({ name: 'b' })];
  const own = { name: 'own' };
  const operations: PatchOperation[] = [
    { op: 'add', path: '/own', value: own },
    { op: 'add', path: '/a~1"b', value: a },
    { op: 'add', path: '/list', value: [a, own, b] },
    { op: 'add', path: '/behind', value: [own, a] },
    { op: 'copy', from: '/own', path: '/copy' },
    { op: 'replace', path: '/replaced', value: b },
    { op: 'remove', path: '/removed' },
    { op: 'add', path: '/again', value: a },
    { op: 'add', path: '/empty', value: [] },
  ];
  t.equal(encodePatch(operations), JSON.stringify(operations));
});
