import type { V1Pod } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { readCertificates } from '../harness/certificates.ts';
import { injecting, RELEASE, replaced, scale, upgrade } from '../harness/install.ts';
import { pod, podSpec, ready } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { csiPod, csiVolume, installProviderClasses, providerClass } from '../harness/provider-class.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { isTakenOver } from './takeover.ts';

/** The webhook is gone, or is not even configured: nobody else is blocked, and nobody starts without secrets. */
export async function outage(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'outage');
  const declaring = (name: string) => pod(namespace, name, { files: 'plain.txt: e2e/plain' }, podSpec(world));

  await t.test('scaled to zero: pods that declare nothing start untouched, others are refused', async (t) => {
    await scale(world, 0);
    const bare = pod(namespace, 'bare', {}, podSpec(world, { automountServiceAccountToken: false }));
    delete bare.metadata?.annotations;
    const ordinary = pod(namespace, 'ordinary', {}, podSpec(world));
    ordinary.metadata = { ...ordinary.metadata, labels: { app: 'x' }, annotations: { 'example.com/note': 'x' } };
    const off = pod(namespace, 'off', { files: 'plain.txt: e2e/plain', inject: 'false' }, podSpec(world));
    for (const wanted of [bare, ordinary, off]) {
      await world.kubectl.apply(wanted);
      const found = await ready(world, namespace, wanted.metadata?.name ?? '');
      t.notOk(found.spec?.initContainers, `${wanted.metadata?.name} has no init container`);
    }
    const untouched = await world.kubectl.find<V1Pod>('pod', namespace, 'bare');
    t.same(untouched?.spec?.volumes ?? [], []);
    t.same(untouched?.spec?.containers[0]?.volumeMounts ?? [], []);
    const { code, stderr } = await world.kubectl.create(declaring('blocked'));
    t.not(code, 0);
    t.match(stderr, /failed calling webhook/);
  });

  await t.test('scaled back: it injects again', async (t) => {
    await scale(world, 2);
    await injecting(world);
    await world.kubectl.apply(declaring('back'));
    t.ok(await ready(world, namespace, 'back'));
  });

  await t.test(
    'without the webhook configuration the policy denies what declares something, and only that',
    async (t) => {
      await world.kubectl.run(['delete', 'mutatingwebhookconfiguration', RELEASE]);
      const message = await until('the policy to deny', 60, async () => {
        const { stderr } = await world.kubectl.create(declaring('unseen'), '--dry-run=server');
        return stderr.includes('ValidatingAdmissionPolicy') ? stderr : undefined;
      });
      t.match(message, /aws-secrets-injector/);
      const free = pod(namespace, 'free', {}, podSpec(world));
      t.equal((await world.kubectl.create(free)).code, 0, 'a pod that declares nothing');
      const off = pod(namespace, 'off-too', { files: 'plain.txt: e2e/plain', inject: 'false' }, podSpec(world));
      t.equal((await world.kubectl.create(off)).code, 0, 'inject: "false"');
    },
  );

  await t.test(
    'helm upgrade brings the configuration back with its caBundle, and keeps the certificates',
    async (t) => {
      const before = await readCertificates(world);
      await upgrade(world, { takeOverCsiVolumes: 'all', uninjectedPods: { enabled: true, events: true } });
      await replaced(world);
      await injecting(world);
      t.ok(before?.['ca.crt']);
      t.same(await readCertificates(world), before);
      await world.kubectl.apply(declaring('again'));
      t.ok(await ready(world, namespace, 'again'));
    },
  );

  await t.test('takeOverCsiVolumes: all, which came with it, takes over pods that say nothing', async (t) => {
    const objects = '- {objectName: e2e/plain, objectType: secretsmanager}';
    await installProviderClasses(world);
    await world.kubectl.apply(providerClass(namespace, 'any', { parameters: { objects } }));
    const found = csiPod(namespace, 'csi', podSpec(world, { volumes: [csiVolume('secrets', 'any')] }));
    delete found.metadata?.labels;
    const takenOver = async () => ((await isTakenOver(world, found)) ? true : undefined);
    t.ok(await until('the API server to send them', 30, takenOver));
  });

  await t.test('a dry run answers as the real run', async (t) => {
    const { code, stdout } = await world.kubectl.create(declaring('dry'), '--dry-run=server');
    t.equal(code, 0);
    const { spec } = JSON.parse(stdout) as V1Pod;
    const real = await world.kubectl.find<V1Pod>('pod', namespace, 'again');
    t.same(spec?.initContainers?.map(stable), real?.spec?.initContainers?.map(stable));
  });
}

// The token mount's name is random.
function stable(container: { volumeMounts?: { name: string }[] }): object {
  return {
    ...container,
    volumeMounts: container.volumeMounts?.filter(({ name }) => !name.startsWith('kube-api-access')),
  };
}
