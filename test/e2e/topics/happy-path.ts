import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { modes, mountLine, read, sh } from '../harness/files.ts';
import { declare, INJECTOR, MOUNT, podOf, podSpec, ready, runs, sleeper } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

const OBJECTS = `
- objectName: e2e/db
  objectType: secretsmanager
  objectAlias: db.json
  jmesPath:
    - path: username
      objectAlias: db-user
      filePermission: "0604"
- objectName: /e2e/key
  objectType: ssmparameter
- objectName: /e2e/key
  objectType: ssmparameter
  objectAlias: old-key
  objectVersion: "1"
`;

const ANNOTATIONS = declare({
  objects: OBJECTS,
  files: 'plain.txt: e2e/plain\nbinary.bin: e2e/binary\npassword: e2e/db#password',
  env: 'DB_PASSWORD: e2e/db#password\nKEY: ssm:/e2e/key',
  'env-from': '- e2e/db',
  'env-delivery': 'file',
  'env-file': 'app.env',
});

/** A Deployment as people write them: several containers, init containers of its own, one of them a sidecar. */
export async function happyPath(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'happy');
  await world.kubectl.apply(deployment(world, namespace));
  const { name } = await podOf(world, namespace, 'app=shop');
  const found = await ready(world, namespace, name);
  const { secrets } = world;

  await t.test('injects first, moves nothing, and leaves no part of its own in the others', async (t) => {
    t.match(found.metadata?.generateName, /^shop-/);
    t.same(
      found.spec?.initContainers?.map((container) => container.name),
      [INJECTOR, 'prepare', 'sidecar'],
    );
    t.equal(found.spec?.initContainers?.[2]?.restartPolicy, 'Always');
    t.same(
      found.spec?.containers.map((container) => container.name),
      ['app', 'helper'],
    );
    t.equal(found.spec?.containers[0]?.volumeMounts?.[0]?.mountPath, '/proof');
  });

  await t.test('every container reads the same bytes that AWS has', async (t) => {
    for (const container of ['app', 'helper', 'sidecar']) {
      const target = { namespace, pod: name, container };
      t.same(await read(world, target, 'db.json'), Buffer.from(secrets.database), `${container}: db.json`);
      t.same(await read(world, target, 'db-user'), Buffer.from(secrets.user), `${container}: db-user`);
      t.same(await read(world, target, 'password'), Buffer.from(secrets.password), `${container}: password`);
      t.same(await read(world, target, '_e2e_key'), Buffer.from(secrets.key), `${container}: _e2e_key`);
      t.same(await read(world, target, 'old-key'), Buffer.from(secrets.oldKey), `${container}: old-key`);
      t.same(await read(world, target, 'plain.txt'), Buffer.from(secrets.plain), `${container}: plain.txt`);
      t.same(await read(world, target, 'binary.bin'), secrets.binary, `${container}: binary.bin`);
    }
  });

  const target = { namespace, pod: name, container: 'app' };

  await t.test("the user's init container read the file before the app started", async (t) => {
    t.same(await read(world, target, '/proof/plain.txt'), Buffer.from(secrets.plain));
  });

  await t.test('modes are the declared ones, 0644 elsewhere, and nothing else is there', async (t) => {
    t.same(await modes(world, target), {
      'db.json': '644',
      'db-user': '604',
      password: '644',
      _e2e_key: '644',
      'old-key': '644',
      'plain.txt': '644',
      'binary.bin': '644',
      'app.env': '644',
    });
  });

  await t.test('the mount is read-only memory', async (t) => {
    const { type, options } = await mountLine(world, target);
    t.equal(type, 'tmpfs');
    t.ok(options.includes('ro'), options.join());
  });

  await t.test('a shell reads every variable of the env file', async (t) => {
    const variable = async (name: string) =>
      Buffer.from(
        await sh(world, target, `set -a; . ${MOUNT}/app.env; printf %s "$${name}" | base64`),
        'base64',
      ).toString();
    t.equal(await variable('DB_PASSWORD'), secrets.password);
    t.equal(await variable('KEY'), secrets.key);
    t.equal(await variable('username'), secrets.user);
    t.equal(await variable('password'), secrets.password);
  });

  await t.test("CloudTrail would name the pod: the session's name holds namespace and pod", async (t) => {
    const sessions = world.aws.calls
      .filter((call) => call.operation === 'AssumeRoleWithWebIdentity')
      .map((call) => call.sessionName);
    t.ok(sessions.includes(`${namespace}.${name}`.slice(0, 64)), `${sessions}`);
  });
}

function deployment(world: World, namespace: string): object {
  const mount = { name: 'proof', mountPath: '/proof' };
  const proof: Partial<V1Container> = { volumeMounts: [mount] };
  const spec: V1PodSpec = podSpec(world, {
    initContainers: [
      runs(world, 'prepare', `cp ${MOUNT}/plain.txt /proof/`, proof),
      sleeper(world, 'sidecar', { restartPolicy: 'Always' }),
    ],
    containers: [sleeper(world, 'app', proof), sleeper(world, 'helper')],
    volumes: [{ name: 'proof', emptyDir: { medium: 'Memory' } }],
  });
  const labels = { app: 'shop' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'shop', namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels, annotations: ANNOTATIONS }, spec } },
  };
}
