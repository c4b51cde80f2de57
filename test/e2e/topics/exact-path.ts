import type { Test } from 'tap';
import { modes, read, sh } from '../harness/files.ts';
import { pod, podSpec, ready, sleeper } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

const ANNOTATIONS = {
  files:
    '/etc/shop/password: {from: e2e/db#password, mode: "0444"}\n/run/secrets/plain: e2e/plain\nuser: e2e/db#username',
  templates: '/etc/shop.conf: "user={{ e2e/db#username }}"',
};

/** Files at absolute paths: each is mounted alone, and the kubelet finds it since the init container has written it. */
export async function exactPath(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'exact');
  const spec = podSpec(world, {
    containers: [sleeper(world, 'app')],
    initContainers: [{ ...sleeper(world, 'early'), command: ['test', '-s', '/etc/shop/password'] }],
  });
  await world.kubectl.apply(pod(namespace, 'app', ANNOTATIONS, spec));
  await ready(world, namespace, 'app');
  const place = { namespace, pod: 'app', container: 'app' };

  await t.test('each file is at its path, with its mode', async (t) => {
    t.same(await read(world, place, '/etc/shop/password'), Buffer.from(world.secrets.password));
    t.same(await read(world, place, '/run/secrets/plain'), Buffer.from(world.secrets.plain));
    t.same(await read(world, place, '/etc/shop.conf'), Buffer.from(`user=${world.secrets.user}`));
    t.same(await modes(world, place, '/etc/shop'), { password: '444' });
  });

  await t.test('what the image and the kubelet have beside them stays', async (t) => {
    t.match(await sh(world, place, 'cat /etc/hosts'), /localhost/);
    t.equal(await sh(world, place, 'test -s /etc/resolv.conf && echo there'), 'there\n');
  });

  await t.test('the files can not be written, and are not in the mount', async (t) => {
    await t.rejects(sh(world, place, 'echo x > /etc/shop/password'), /Read-only file system/);
    t.equal(await sh(world, place, 'ls -A /mnt/secrets-store'), 'user\n');
  });

  await t.test('a mount path that hides a system folder is refused with a sentence', async (t) => {
    const annotations = { files: 'a: e2e/plain', 'mount-path': '/etc' };
    const { code, stderr } = await world.kubectl.create(pod(namespace, 'hiding', annotations, podSpec(world)));
    t.not(code, 0);
    t.match(stderr, /mount-path: "\/etc" is a system folder, which the mount would hide/);
  });
}
