import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { modes, mountLine, read, sh } from '../harness/files.ts';
import { pod, podSpec, ready, sleeper } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

export const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
};

/** Pods that may do little: Pod Security `restricted`, no API token. */
export async function restricted(t: Test, world: World): Promise<void> {
  const { secrets } = world;

  await t.test(
    'a restricted pod with uid 1234 and no API token reads files of every mode, and cannot write',
    async (t) => {
      const namespace = await createNamespace(world, 'restricted', RESTRICTED);
      const annotations = {
        objects:
          '- {objectName: e2e/plain, objectType: secretsmanager, objectAlias: private, filePermission: "0400"}\n' +
          '- {objectName: /e2e/key, objectType: ssmparameter, objectAlias: key, filePermission: "0640"}\n',
        files: 'plain.txt: e2e/plain',
        'mount-path': '/secrets',
      };
      await world.kubectl.apply(pod(namespace, 'careful', annotations, careful(world)));
      await ready(world, namespace, 'careful');
      const target = { namespace, pod: 'careful', container: 'app' };
      t.equal((await sh(world, target, 'id -u')).trim(), '1234');
      t.same(await modes(world, target, '/secrets'), { private: '400', key: '640', 'plain.txt': '644' });
      t.same(await read(world, target, '/secrets/private'), Buffer.from(secrets.plain));
      t.same(await read(world, target, '/secrets/key'), Buffer.from(secrets.key));
      const { type, options } = await mountLine(world, target, '/secrets');
      t.equal(type, 'tmpfs');
      t.ok(options.includes('ro'), options.join());
      await t.rejects(sh(world, target, 'echo x > /secrets/x'), /Read-only file system/);
    },
  );

  await t.test('a pod with no token, volumes or mounts of its own is injected', async (t) => {
    const namespace = await createNamespace(world, 'no-token');
    const spec = podSpec(world, { automountServiceAccountToken: false });
    await world.kubectl.apply(pod(namespace, 'bare', { files: 'plain.txt: e2e/plain' }, spec));
    const found = await ready(world, namespace, 'bare');
    t.same(found.spec?.volumes?.map(({ name }) => name).sort(), ['aws-secrets', 'aws-secrets-token']);
    t.equal(found.spec?.containers[0]?.volumeMounts?.length, 1);
    t.same(await read(world, { namespace, pod: 'bare', container: 'app' }, 'plain.txt'), Buffer.from(secrets.plain));
  });

  await t.test('containers of different users all read the files, whoever wrote them', async (t) => {
    const namespace = await createNamespace(world, 'users');
    const as = (runAsUser: number): Partial<V1Container> => ({ securityContext: { runAsUser } });
    const containers = [
      sleeper(world, 'one', as(1001)),
      sleeper(world, 'two', as(1002)),
      sleeper(world, 'root', as(0)),
    ];
    await world.kubectl.apply(
      pod(namespace, 'mixed', { files: 'plain.txt: e2e/plain' }, podSpec(world, { containers })),
    );
    await ready(world, namespace, 'mixed');
    for (const container of ['one', 'two', 'root']) {
      const found = await read(world, { namespace, pod: 'mixed', container }, 'plain.txt');
      t.same(found, Buffer.from(secrets.plain), container);
    }
  });
}

/** Has what `restricted` asks of a container, and more. */
export const CAREFUL: Partial<V1Container> = {
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  },
};

/** A pod spec that `restricted` lets pass, of containers that are careful. */
export function careful(world: World, more: Partial<V1PodSpec> = {}): V1PodSpec {
  return podSpec(world, {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1234, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [sleeper(world, 'app', CAREFUL)],
    ...more,
  });
}
