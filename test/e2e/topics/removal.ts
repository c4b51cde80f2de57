import type { Test } from 'tap';
import { findHelm } from '../../chart/support/helm.ts';
import { keepLogs, RELEASE, removeRelease } from '../harness/install.ts';
import { until } from '../harness/progress.ts';
import { must } from '../harness/run.ts';
import type { World } from '../harness/world.ts';

/** Lists what Kubernetes itself puts into every namespace. */
const ORDINARY = ['serviceaccount/default', 'configmap/kube-root-ca.crt'];

/** Tests `helm test` and `helm uninstall`. After it nothing is installed. */
export async function removal(t: Test, world: World): Promise<void> {
  const helm = await findHelm();

  await t.test('helm test passes', async (t) => {
    const found = await must(helm, ['test', RELEASE, '-n', RELEASE, '--timeout=120s', '--logs']);
    t.match(found, /Phase: +Succeeded/);
  });

  await t.test('helm uninstall leaves nothing', async (t) => {
    await keepLogs(world);
    // Had the test failed, its pod would stay for its log: Helm counts it as no part of the release.
    await world.kubectl.run(['delete', 'pod', `${RELEASE}-test`, '-n', RELEASE, '--ignore-not-found']);
    await removeRelease();
    t.same(await clusterWide(world), []);
    const left = await until(
      'the namespace to be as it was made',
      60,
      async () => ((await inNamespace(world)).length === 0 ? [] : undefined),
      async () => (await inNamespace(world)).join(', '),
    );
    t.same(left, []);
  });
}

async function clusterWide(world: World): Promise<string[]> {
  const kinds = await world.kubectl.run(['api-resources', '--namespaced=false', '--verbs=list', '-o', 'name']);
  const args = ['get', kinds.trim().split('\n').join(), '-o', 'name', '-l', `app.kubernetes.io/name=${RELEASE}`];
  return lines(await world.kubectl.run(args));
}

/** Events stay for an hour, whoever made them. */
async function inNamespace(world: World): Promise<string[]> {
  const kinds = await world.kubectl.run(['api-resources', '--namespaced=true', '--verbs=list', '-o', 'name']);
  const wanted = kinds
    .trim()
    .split('\n')
    .filter((kind) => !kind.startsWith('events') && !kind.includes('metrics.k8s.io'));
  const found = lines(await world.kubectl.run(['get', wanted.join(), '-n', RELEASE, '-o', 'name']));
  return found.filter((name) => !ORDINARY.includes(name));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
