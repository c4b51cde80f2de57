import type { Test } from 'tap';
import { external, installExternalSecrets } from '../harness/external-secrets.ts';
import { read, sh, variables } from '../harness/files.ts';
import { pod, podSpec, ready, sleeper, untilPod } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

const NAMED = { 'external-secret': 'app-secret' };

/** Tests pods of External Secrets in a cluster that has its CRDs and not its operator: nobody makes a Secret. */
export async function externalSecrets(t: Test, world: World): Promise<void> {
  await installExternalSecrets(world);
  const namespace = await createNamespace(world, 'external');
  const aws = { service: 'SecretsManager', region: world.region };
  const secretStoreRef = { name: 'e2e-aws', kind: 'ClusterSecretStore' };
  await world.kubectl.apply(
    external('ClusterSecretStore', { name: 'e2e-aws' }, { provider: { aws } }),
    external(
      'ExternalSecret',
      { namespace, name: 'app-secret' },
      {
        refreshInterval: '1h',
        secretStoreRef,
        target: { name: 'app-env' },
        dataFrom: [{ extract: { key: 'e2e/app' } }],
      },
    ),
  );
  await t.test('the walk-through: a pod prints all keys of the secret among its variables', async (t) => {
    await walkThrough(t, world, namespace);
  });
  await t.test('variables, prefixed ones and files have the values', async (t) => {
    await served(t, world, namespace);
  });
  t.same(await world.kubectl.list('secrets', namespace), [], 'no Secret was needed');
}

/** The pod prints its variables, so that they are none of those that the logs are searched for. */
async function walkThrough(t: Test, world: World, namespace: string): Promise<void> {
  world.aws.setSecret({ name: 'e2e/app', value: JSON.stringify({ USERNAME: 'shop', PORT: 5432 }) });
  const envFrom = [{ secretRef: { name: 'app-env' } }];
  const app = sleeper(world, 'app', { command: ['/bin/sh', '-c', 'env'], envFrom });
  const spec = podSpec(world, { containers: [app], restartPolicy: 'Never' });
  await world.kubectl.apply(pod(namespace, 'walk-through', NAMED, spec));
  await untilPod(
    world,
    { namespace, name: 'walk-through', what: 'it ends' },
    ({ status }) => status?.phase === 'Succeeded',
  );
  const lines = (await world.kubectl.logs(namespace, 'walk-through', 'app')).split('\n');
  for (const line of ['USERNAME=shop', 'PORT=5432']) t.ok(lines.includes(line), line);
}

async function served(t: Test, world: World, namespace: string): Promise<void> {
  const secretStoreRef = { name: 'e2e-aws', kind: 'ClusterSecretStore' };
  const data = [{ secretKey: 'password', remoteRef: { key: 'e2e/external', property: 'password' } }];
  const found = {
    find: { path: 'e2e/found', name: { regexp: 'pass$' } },
    rewrite: [{ regexp: { source: '.*/(.*)', target: '$1.txt' } }],
  };
  world.aws.setSecret({ name: 'e2e/found/first-pass', value: `${world.canary}-found` });
  world.aws.setSecret({ name: 'e2e/found/other', value: `${world.canary}-other` });
  world.aws.setSecret({ name: 'e2e/external', value: JSON.stringify({ password: `${world.canary}-external` }) });
  await world.kubectl.apply(
    external('ExternalSecret', { namespace, name: 'db' }, { secretStoreRef, data }),
    external('ExternalSecret', { namespace, name: 'found' }, { secretStoreRef, dataFrom: [found] }),
  );
  const app = sleeper(world, 'app', {
    env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
    envFrom: [{ prefix: 'DB_', secretRef: { name: 'db' } }],
    volumeMounts: [
      { name: 'db', mountPath: '/etc/db', readOnly: true },
      { name: 'found', mountPath: '/etc/found', readOnly: true },
    ],
  });
  const volumes = ['db', 'found'].map((name) => ({ name, secret: { secretName: name } }));
  await world.kubectl.apply(
    pod(namespace, 'served', { 'external-secret': 'db, found' }, podSpec(world, { containers: [app], volumes })),
  );
  await ready(world, namespace, 'served');
  const target = { namespace, pod: 'served', container: 'app' };
  const value = `${world.canary}-external`;
  t.match(await variables(world, target), { PASSWORD: value, DB_password: value });
  t.same(await read(world, target, '/etc/db/password'), Buffer.from(value));
  t.equal(
    await sh(world, target, 'cd /etc/found && for file in *; do echo "$file"; cat "$file"; done'),
    `first-pass.txt\n${world.canary}-found`,
  );
}
