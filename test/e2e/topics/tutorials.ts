import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Container, V1ObjectMeta, V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { command } from '../harness/command.ts';
import { external, installExternalSecrets } from '../harness/external-secrets.ts';
import { parseVariables, read, sh, variables } from '../harness/files.ts';
import { replaced, upgrade } from '../harness/install.ts';
import { INJECTOR, pod, podOf, podSpec, ready, runs, untilPod } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { installProviderClasses } from '../harness/provider-class.ts';
import { ACCOUNT, addAccount, createNamespace, MARK, type World } from '../harness/world.ts';

const FOLDER = 'test/fixtures/tutorials';
const VALUES = join(FOLDER, 'values.yaml');

/**
 * Tests that the manifests of public tutorials run as they are written, in a cluster with neither the CSI driver nor External
 * Secrets. Two things are others: the role of the ServiceAccount, and the image, as the test bed has one only. Where a tutorial
 * counts on the command of its image, the container waits.
 */
export async function tutorials(t: Test, world: World): Promise<void> {
  await installProviderClasses(world);
  await installExternalSecrets(world);
  await upgrade(world, parse(readFileSync(VALUES, 'utf8')));
  await replaced(world);
  await t.test('the tutorial of ASCP: each replica has the file', (t) => mountedFile(t, world));
  await t.test('a class with secretObjects: the pod makes the Secret, and reads its variables', (t) =>
    syncedSecret(t, world),
  );
  await t.test('the tutorial of External Secrets: the pod prints all keys among its variables', (t) =>
    printedVariables(t, world),
  );
  await t.test('without an annotation, a pod gets what ExternalSecrets make, and keeps every other Secret', (t) =>
    mixedSecrets(t, world),
  );
  await upgrade(world);
  await replaced(world);
}

async function mountedFile(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'ascp');
  await giveRole(world, namespace, 'nginx-irsa-deployment-sa');
  const value = JSON.stringify({ username: 'memeuser', password: world.canary });
  world.aws.setSecret({ name: 'MySecret', value });
  await world.kubectl.apply(...manifestsOf(world, namespace, 'ascp'));
  const { name } = await podOf(world, namespace, 'app=nginx-irsa');
  await ready(world, namespace, name);
  const target = { namespace, pod: name, container: 'nginx-irsa-deployment' };
  t.same(await read(world, target, '/mnt/secrets-store/MySecret'), Buffer.from(value));
  t.same(await world.kubectl.list('secrets', namespace), []);
}

async function syncedSecret(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'ascp-synced');
  await giveRole(world, namespace, 'catalog');
  const [username, password] = [`${world.canary}-user`, `${world.canary}-password`];
  world.aws.setSecret({ name: 'catalog-secret', value: JSON.stringify({ username, password }) });
  const rights = await command(['rbac', '-f', fileOf('ascp-synced'), '--values', VALUES, '-n', namespace]);
  t.equal(rights.code, 0, rights.stderr);
  await world.kubectl.run(['apply', '-n', namespace, '-f', '-'], rights.stdout);
  await world.kubectl.apply(...manifestsOf(world, namespace, 'ascp-synced'));
  const { name } = await podOf(world, namespace, 'app=catalog');
  await ready(world, namespace, name);
  const target = { namespace, pod: name, container: 'catalog' };
  t.match(await variables(world, target), { username, password, DB_USER: username, DB_PASSWORD: password });
  t.same(await read(world, target, '/etc/catalog-secret/password'), Buffer.from(password));
  t.equal((await world.kubectl.find('secret', namespace, 'catalog-secret'))?.metadata?.name, 'catalog-secret');
  await world.kubectl.run(['delete', 'deployment', 'catalog', '-n', namespace]);
  const gone = async () => (await world.kubectl.list('secrets', namespace)).length === 0 || undefined;
  await until('the Secret to go with the Deployment', 60, gone);
}

/** The pod prints its variables, so that they are none of those that the logs are searched for. */
async function printedVariables(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'external-tutorial');
  await giveRole(world, namespace, 'default');
  const value = JSON.stringify({ DB_USER: 'shop', DB_PORT: 5432 });
  world.aws.setSecret({ name: 'app-env', value, region: 'us-east-1' });
  const [pod, ...others] = manifestsOf(world, namespace, 'external-secrets').toReversed();
  await world.kubectl.apply(...others);
  // The tutorial looks at the ExternalSecret before it makes the pod, and the webhook has to have heard of it.
  await until('the webhook to know the ExternalSecret', 30, async () => {
    const { code, stdout } = await world.kubectl.create(pod ?? {}, '--dry-run=server');
    return code === 0 && stdout.includes(INJECTOR) ? true : undefined;
  });
  await world.kubectl.apply(pod ?? {});
  const wanted = { namespace, name: 'app', what: 'it ends' };
  await untilPod(world, wanted, ({ status }) => status?.phase === 'Succeeded');
  const lines = (await world.kubectl.logs(namespace, 'app', 'app')).split('\n');
  for (const line of ['DB_USER=shop', 'DB_PORT=5432']) t.ok(lines.includes(line), line);
  t.same(await world.kubectl.list('secrets', namespace), []);
}

async function mixedSecrets(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'external-mixed');
  const secretStoreRef = { name: 'aws', kind: 'SecretStore' };
  const remoteRef = { key: 'e2e/mixed' };
  const value = JSON.stringify({ user: `${world.canary}-mixed` });
  world.aws.setSecret({ name: 'e2e/mixed', value });
  await world.kubectl.apply(
    external(
      'SecretStore',
      { namespace, name: 'aws' },
      { provider: { aws: { service: 'SecretsManager', region: world.region } } },
    ),
    external(
      'ExternalSecret',
      { namespace, name: 'whole' },
      { secretStoreRef, data: [{ secretKey: 'whole.json', remoteRef }] },
    ),
    external('ExternalSecret', { namespace, name: 'keys' }, { secretStoreRef, dataFrom: [{ extract: remoteRef }] }),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other', namespace }, stringData: { own: 'of the team' } },
  );
  const app = runs(world, 'app', 'cp /proc/self/environ /tmp/environ; sleep 3600', {
    env: [
      { name: 'OWN', valueFrom: { secretKeyRef: { name: 'other', key: 'own' } } },
      { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'whole', key: 'absent', optional: true } } },
    ],
    envFrom: [{ secretRef: { name: 'keys' } }],
    volumeMounts: [{ name: 'all', mountPath: '/etc/all' }],
  });
  const volumes = [{ name: 'all', projected: { sources: [{ secret: { name: 'whole' } }] } }];
  const target = { namespace, pod: 'mixed', container: 'app' };
  const spec = podSpec(world, { containers: [app], volumes });
  await until('the webhook to know the ExternalSecrets', 30, async () => {
    const { code, stdout } = await world.kubectl.create(pod(namespace, 'mixed', {}, spec), '--dry-run=server');
    return code === 0 && stdout.includes(INJECTOR) ? true : undefined;
  });
  await world.kubectl.apply(pod(namespace, 'mixed', {}, spec));
  await ready(world, namespace, 'mixed');
  const found = parseVariables(await sh(world, target, 'cat /tmp/environ'));
  t.match(found, { OWN: 'of the team', user: `${world.canary}-mixed` });
  t.notOk('ABSENT' in found);
  t.same(await read(world, target, '/etc/all/whole.json'), Buffer.from(value));
  await world.kubectl.run(['delete', 'secret', 'other', '-n', namespace]);
}

/** Gives a ServiceAccount of a tutorial a role of its own. The account `default` is there already. */
function giveRole(world: World, namespace: string, account: string): Promise<void> {
  return addAccount(world, namespace, account, `arn:aws:iam::${ACCOUNT}:role/${namespace}-${account}`);
}

type Manifest = {
  readonly kind: string;
  readonly metadata: V1ObjectMeta;
  readonly spec: V1PodSpec & { readonly template?: { readonly spec: V1PodSpec } };
};

/** Returns the manifests of a tutorial for this namespace. What is cluster-wide is marked, so that it is removed at the end. */
function manifestsOf(world: World, namespace: string, name: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(fileOf(name), 'utf8')).map(
    (document) => document.toJS() as Manifest,
  );
  for (const { kind, metadata, spec } of documents) {
    if (kind === 'ClusterSecretStore') metadata.labels = { ...metadata.labels, [MARK]: '' };
    else metadata.namespace = namespace;
    const { containers = [] } = kind === 'Pod' ? spec : (spec.template?.spec ?? {});
    for (const container of containers) useImage(world, container);
  }
  return documents;
}

function useImage({ settings }: World, container: V1Container): void {
  container.image = settings.appImage;
  container.imagePullPolicy = 'IfNotPresent';
  container.command ??= ['sleep', '3600'];
}

function fileOf(name: string): string {
  return join(FOLDER, `${name}.yaml`);
}
