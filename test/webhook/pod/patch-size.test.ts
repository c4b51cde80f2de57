import t from 'tap';
import { admit } from '../../../webhook/admission/admit.ts';
import { parseReview } from '../../../webhook/admission/review.ts';
import { diff } from '../../../webhook/pod/patch.ts';
import type { Pod } from '../../../webhook/pod/pod.ts';
import { reviewOf } from '../../bench/webhook/review.ts';
import { facts, ROLE, settings } from '../support/admission.ts';
import { apply, declaration, inject, OURS } from '../support/injection.ts';

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
