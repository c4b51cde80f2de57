/** The resources of the injected container after other webhooks changed those of the app, as a Vertical Pod Autoscaler does. */
import t from 'tap';
import { admissionOf, type Json, patchOf } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';
import { WITH_SENTINEL } from '../support/injected-pods.ts';

type Quantities = Record<string, string>;
type Resources = { requests?: Quantities; limits?: Quantities };
type Container = { name: string; resources?: Resources };
type Pod = { spec: { containers: Container[]; initContainers: Container[] } };

const { answer, admitted } = admissionOf<Pod>(t, WITH_SENTINEL);

const CSI = {
  name: 'secrets',
  csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } },
};
const both = (cpu: string, memory: string): Resources => ({ requests: { cpu, memory }, limits: { cpu, memory } });

/** The kinds of pods that keep their injected container in different ways: by annotations, and by a volume taken over. */
const KINDS: Record<string, { annotations: Record<string, string>; spec: Json }> = {
  'a pod with annotations': { annotations: { env: 'A: app/db#a' }, spec: {} },
  'a pod whose volume was taken over': { annotations: {}, spec: { volumes: [CSI] } },
};

for (const [kind, { annotations, spec }] of Object.entries(KINDS)) {
  const make = (resources: Resources, more: Record<string, string> = {}) =>
    admitted({
      metadata: { annotations: annotationsOf({ ...annotations, ...more }) },
      spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x', resources }], ...spec },
    });
  const again = async (pod: Pod, resources: Resources): Promise<Resources | undefined> => {
    for (const container of pod.spec.containers) container.resources = resources;
    const after = await admitted(pod);
    t.same(patchOf((await answer(after)).review), [], 'a further pass changes nothing');
    const found = after.spec.initContainers.map((container) => container.resources);
    t.ok(
      found.every((one) => JSON.stringify(one) === JSON.stringify(found[0])),
      'the sentinel has the same',
    );
    return found[0];
  };

  t.test(`${kind} follows an app whose resources were lowered`, async (t) => {
    const pod = await make(both('4', '8Gi'));
    t.same(pod.spec.initContainers[0]?.resources, both('4', '8Gi'));
    t.same(await again(pod, both('200m', '256Mi')), both('200m', '256Mi'));
  });

  t.test(`${kind} follows an app whose resources were raised`, async (t) => {
    t.same(await again(await make(both('200m', '256Mi')), both('4', '8Gi')), both('4', '8Gi'));
  });

  t.test(`${kind} obeys its own annotations, whatever the app has`, async (t) => {
    const pod = await make(both('4', '8Gi'), { cpu: '0.5', memory: '160Mi' });
    t.same(await again(pod, both('200m', '256Mi')), both('0.5', '160Mi'));
  });

  t.test(`${kind} follows an annotation that a copy has changed`, async (t) => {
    const pod = await make(both('4', '8Gi'), { cpu: '250m', memory: '160Mi' });
    Object.assign(pod, { metadata: { annotations: annotationsOf({ ...annotations, cpu: '300m', memory: '192Mi' }) } });
    t.same(await again(pod, both('4', '8Gi')), both('300m', '192Mi'));
  });

  t.test(`${kind} keeps a limit that a LimitRange set, with a request that is not above it`, async (t) => {
    const pod = await make({ requests: { cpu: '100m', memory: '256Mi' } });
    const [ours] = pod.spec.initContainers;
    for (const { resources } of pod.spec.initContainers) {
      Object.assign(resources?.limits ?? {}, { cpu: '80m', 'ephemeral-storage': '1Gi' });
      Object.assign(resources?.requests ?? {}, { 'ephemeral-storage': '1Gi' });
    }
    t.ok(ours);
    t.same(await again(pod, { requests: { cpu: '100m', memory: '256Mi' } }), {
      requests: { cpu: '80m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
      limits: { cpu: '80m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
    });
  });

  t.test(`${kind} keeps quantities that the API server writes in another way`, async (t) => {
    const pod = await make({}, { cpu: '0.5', memory: '0.25Gi' });
    for (const { resources } of pod.spec.initContainers) {
      Object.assign(resources?.requests ?? {}, { cpu: '500m', memory: '256Mi' });
      Object.assign(resources?.limits ?? {}, { memory: '256Mi' });
    }
    t.same(patchOf((await answer(pod)).review), []);
  });
}

const app = (name: string, resources: Resources) => ({ name, image: 'x', resources });

async function oursFor(...containers: Container[]): Promise<Resources | undefined> {
  const metadata = { annotations: annotationsOf({ files: 'a: app/a' }) };
  const pod = await admitted({ metadata, spec: { serviceAccountName: 'app', containers } });
  return pod.spec.initContainers[0]?.resources;
}

t.test('requests no less CPU than by default where only a helper requests some', async (t) => {
  t.match(await oursFor(app('app', {}), app('helper', { requests: { cpu: '1m' } })), { requests: { cpu: '50m' } });
});

t.test('requests less where all app containers have a limit below the default', async (t) => {
  t.match(await oursFor(app('app', both('20m', '128Mi'))), { requests: { cpu: '20m' }, limits: { cpu: '20m' } });
});

t.test('has the highest limit of the app, and not that of the container which requests most', async (t) => {
  const found = await oursFor(
    app('app', { requests: { cpu: '10m' }, limits: { cpu: '2' } }),
    app('helper', { requests: { cpu: '20m' }, limits: { cpu: '30m' } }),
  );
  t.match(found, { requests: { cpu: '50m' }, limits: { cpu: '2' } });
});
