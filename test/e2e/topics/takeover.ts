import type { V1Deployment, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { modes, read, sh } from '../harness/files.ts';
import { declare, eventMessage, INJECTOR, MOUNT, podOf, podSpec, ready, sleeper } from '../harness/pods.ts';
import { sleep } from '../harness/progress.ts';
import { csiPod, csiVolume, FARGATE, installProviderClasses, providerClass } from '../harness/provider-class.ts';
import { createNamespace, type World } from '../harness/world.ts';
import { integration } from './takeover-integration.ts';

/** Manifests of the Secrets Store CSI driver, unchanged. The CRD comes when the webhook has long been running. */
export async function takeover(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'takeover');
  await world.kubectl.apply(lateDeployment(world, namespace));
  const started = Date.now();
  await t.test("without the class, and even without its CRD, the pod is refused with the driver's words", async (t) => {
    t.match(
      await eventMessage(world, namespace, 'FailedCreate'),
      `failed to get secretproviderclass ${namespace}/late`,
    );
  });
  await installProviderClasses(world);
  await t.test("ASCP's integration test finds what it looks for", (t) => integration(t, world, namespace));
  await t.test('several volumes, volumeAttributes, subPath and the old version', (t) =>
    severalVolumes(t, world, namespace),
  );
  await t.test('an edit takes effect with the next pod', (t) => edit(t, world, namespace));
  await t.test('takes over what it is asked to, and no other pod', (t) => modeOf(t, world, namespace));
  await t.test('refuses what the driver refuses, in its words', (t) => refusals(t, world, namespace));
  await t.test('a class that comes 30 s after its Deployment heals it', async (t) => {
    await sleep(Math.max(0, started + 30_000 - Date.now()));
    const objects = '- {objectName: e2e/plain, objectType: secretsmanager}';
    await world.kubectl.apply(providerClass(namespace, 'late', { parameters: { objects } }));
    const { name } = await podOf(world, namespace, 'app=late');
    await ready(world, namespace, name);
    const found = await read(world, { namespace, pod: name, container: 'app' }, 'e2e_plain');
    t.same(found, Buffer.from(world.secrets.plain));
  });
}

/** Returns a Deployment like ASCP's example: no region, no identity, two replicas, one volume. */
function lateDeployment(world: World, namespace: string): V1Deployment {
  const labels = { app: 'late' };
  const spec = mounting(world, [csiVolume('secrets-store-inline', 'late')]);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'late', namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels: { ...labels, ...FARGATE } }, spec },
    },
  };
}

async function severalVolumes(t: Test, world: World, namespace: string): Promise<void> {
  const old = { parameters: { objects: '- {objectName: e2e/db, objectType: secretsmanager, objectAlias: db.json}' } };
  const overlay = '- {objectName: e2e/plain, objectType: secretsmanager, objectAlias: mine, filePermission: "0640"}';
  const containers = [
    sleeper(world, 'app', {
      volumeMounts: [
        { name: 'one', mountPath: '/one' },
        { name: 'two', mountPath: '/two' },
      ],
    }),
    sleeper(world, 'part', { volumeMounts: [{ name: 'one', mountPath: '/etc/app/db.json', subPath: 'db.json' }] }),
  ];
  const both = [csiVolume('one', 'old'), csiVolume('two', 'old', { objects: overlay })];
  await world.kubectl.apply(
    providerClass(namespace, 'old', old, 'v1alpha1'),
    csiPod(namespace, 'several', podSpec(world, { containers, volumes: both })),
  );
  await ready(world, namespace, 'several');
  const target = (container: string) => ({ namespace, pod: 'several', container });
  t.same(await modes(world, target('app'), '/one'), { 'db.json': '644' });
  t.same(await modes(world, target('app'), '/two'), { mine: '640' });
  t.same(await read(world, target('app'), '/two/mine'), Buffer.from(world.secrets.plain));
  t.same(await read(world, target('part'), '/etc/app/db.json'), Buffer.from(world.secrets.database));
  await t.rejects(sh(world, target('part'), 'echo x > /etc/app/db.json'), /Read-only file system/);
}

async function edit(t: Test, world: World, namespace: string): Promise<void> {
  for (const alias of ['before', 'after']) {
    const objects = `- {objectName: e2e/plain, objectType: secretsmanager, objectAlias: ${alias}}`;
    await world.kubectl.apply(providerClass(namespace, 'edited', { parameters: { objects } }));
    await world.kubectl.apply(csiPod(namespace, alias, mounting(world, [csiVolume('secrets', 'edited')])));
    await ready(world, namespace, alias);
    t.same(await modes(world, { namespace, pod: alias, container: 'app' }), { [alias]: '644' });
  }
  t.same(await modes(world, { namespace, pod: 'before', container: 'app' }), { before: '644' }, 'and with no other');
}

async function modeOf(t: Test, world: World, namespace: string): Promise<void> {
  const spec = mounting(world, [csiVolume('secrets', 'old')]);
  const plain: V1Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'mode' }, spec };
  const asked = { ...plain, metadata: { ...plain.metadata, annotations: declare({ inject: 'true' }) } };
  const off = csiPod(namespace, 'mode', spec);
  off.metadata = { ...off.metadata, annotations: declare({ inject: 'false' }) };
  t.equal(await isTakenOver(world, plain), false, 'a node that the driver runs on');
  t.equal(await isTakenOver(world, csiPod(namespace, 'mode', spec)), true, 'Fargate');
  t.equal(await isTakenOver(world, asked), true, 'inject: "true"');
  t.equal(await isTakenOver(world, off), false, 'inject: "false"');
}

/** Returns whether a dry run takes the pod over. */
export async function isTakenOver(world: World, wanted: V1Pod): Promise<boolean> {
  const { code, stdout, stderr } = await world.kubectl.create(wanted, '--dry-run=server');
  if (code !== 0) throw new Error(stderr);
  const { spec } = JSON.parse(stdout) as V1Pod;
  const isInjected = spec?.initContainers?.some(({ name }) => name === INJECTOR) ?? false;
  const hasCsi = spec?.volumes?.some(({ csi }) => csi !== undefined) ?? false;
  if (isInjected === hasCsi) throw new Error(`half taken over: ${stdout}`);
  return isInjected;
}

async function refusals(t: Test, world: World, namespace: string): Promise<void> {
  const objects = '- {objectName: e2e/plain, objectType: secretsmanager}';
  await world.kubectl.apply(
    providerClass(namespace, 'nobody', { provider: '', parameters: { objects } }),
    providerClass(namespace, 'empty', {}),
    providerClass(namespace, 'wrong', { parameters: { objects: '- {objectName: x}' } }),
  );
  const refused = async (name: string, more: object = {}): Promise<string> => {
    const volume = { ...csiVolume('secrets', name), ...more };
    return (await world.kubectl.create(csiPod(namespace, 'refused', mounting(world, [volume])), '--dry-run=server'))
      .stderr;
  };
  t.match(await refused('nobody'), `provider not set in ${namespace}/nobody`);
  t.match(await refused('empty'), `parameters not set in ${namespace}/empty`);
  t.match(await refused('wrong'), 'Must use objectType when a full ARN is not specified: x');
  const writable = { csi: { ...csiVolume('secrets', 'old').csi, readOnly: false } };
  t.match(await refused('old', writable), 'Readonly is not true in request');
}

/** Returns a pod with one container that mounts the first volume. */
function mounting(world: World, found: ReturnType<typeof csiVolume>[]): V1PodSpec {
  const volumeMounts = [{ name: found[0]?.name ?? '', mountPath: MOUNT, readOnly: true }];
  return podSpec(world, { containers: [sleeper(world, 'app', { volumeMounts })], volumes: found });
}
