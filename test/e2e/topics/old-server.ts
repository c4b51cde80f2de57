import type { Test } from 'tap';
import { pod, podSpec } from '../harness/pods.ts';
import { csiPod, csiVolume, installProviderClasses, providerClass } from '../harness/provider-class.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Tests an API server older than 1.35, which knows no variables from files: what asks for them is refused, with what to do. */
export async function oldServer(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'old-server');
  const refusal = async (wanted: object) => (await world.kubectl.create(wanted, '--dry-run=server')).stderr;

  await t.test(
    'variables that the kubelet would set are refused, and the sentence names both other ways',
    async (t) => {
      const text = await refusal(pod(namespace, 'env', { env: 'KEY: ssm:/e2e/key' }, podSpec(world)));
      const parts = ['ASI_ADMIT_ENV_DELIVERY', `the API server is 1.${world.minor}`, 'env-delivery: file', 'shell'];
      for (const part of parts) t.match(text, part);
    },
  );

  await t.test('references to the Secret of a class are refused too', async (t) => {
    await installProviderClasses(world);
    const objects = '- {objectName: e2e/plain, objectType: secretsmanager, objectAlias: plain}';
    const secretObjects = [{ secretName: 'made', type: 'Opaque', data: [{ objectName: 'plain', key: 'plain' }] }];
    await world.kubectl.apply(providerClass(namespace, 'synced', { parameters: { objects }, secretObjects }));
    const [app] = podSpec(world).containers;
    const env = [{ name: 'PLAIN', valueFrom: { secretKeyRef: { name: 'made', key: 'plain', optional: true } } }];
    const containers = [{ name: 'app', ...app, env }];
    const volumes = [csiVolume('secrets', 'synced')];
    const text = await refusal(csiPod(namespace, 'synced', podSpec(world, { containers, volumes })));
    t.match(text, 'ASI_ADMIT_OPTIONAL_SECRET');
    t.match(text, `the API server is 1.${world.minor}`);
  });
}
