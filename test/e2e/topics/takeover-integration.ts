import type { V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { modes, mountLine, read, variables } from '../harness/files.ts';
import { MOUNT, podSpec, ready, sleeper } from '../harness/pods.ts';
import { csiPod, csiVolume, providerClass } from '../harness/provider-class.ts';
import { ACCOUNT, type World } from '../harness/world.ts';

const OBJECTS = (world: World): string => `
- objectName: e2e-takeover-parameter
  objectType: ssmparameter
- objectName: /e2e/takeover/parameter/with/a/long/name
  objectType: ssmparameter
  objectAlias: ParameterStoreTestWithLongName
- objectName: e2e/takeover/secret
  objectType: secretsmanager
- objectName: arn:aws:secretsmanager:${world.region}:${ACCOUNT}:secret:e2e/takeover/arn
  objectAlias: SecretsManagerTest2
  failoverObject:
    objectName: arn:aws:secretsmanager:${world.farRegion}:${ACCOUNT}:secret:e2e/takeover/far
- objectName: /e2e/takeover/json
  objectType: ssmparameter
  jmesPath:
    - Path: username
      ObjectAlias: ssmUsername
    - path: dbUser.password
      objectAlias: ssmPassword
- objectName: e2e/takeover/json
  objectType: secretsmanager
  jmesPath:
    - path: username
      objectAlias: smUsername
    - path: '"pass-word"'
      objectAlias: smPassword
`;

const SECRET_OBJECTS = [
  { secretName: 'plain', type: 'Opaque', data: [{ objectName: 'SecretsManagerTest2', key: 'value' }] },
  {
    secretName: 'from-ssm',
    type: 'Opaque',
    data: [
      { objectName: 'ssmUsername', key: 'username' },
      { objectName: 'ssmPassword', key: 'password' },
    ],
  },
  {
    secretName: 'from-sm',
    type: 'Opaque',
    data: [
      { objectName: 'smUsername', key: 'username' },
      { objectName: 'smPassword', key: 'password' },
    ],
  },
];

/** A class like the one of ASCP's integration test, and an app that reads it in every way. */
export async function integration(t: Test, world: World, namespace: string): Promise<void> {
  const values = plant(world);
  const { region, farRegion: failoverRegion } = world;
  const parameters = { region, failoverRegion, objects: OBJECTS(world) };
  await world.kubectl.apply(
    providerClass(namespace, 'basic-test-mount-spc', { parameters, secretObjects: SECRET_OBJECTS }),
    csiPod(namespace, 'basic-test-mount', integrationSpec(world)),
  );
  const found = await ready(world, namespace, 'basic-test-mount');
  const target = { namespace, pod: 'basic-test-mount', container: 'app' };
  t.same(Object.keys(await modes(world, target)).sort(), Object.keys(values.files).sort());
  t.same([...new Set(Object.values(await modes(world, target)))], ['644']);
  for (const [path, value] of Object.entries(values.files)) {
    t.same(await read(world, target, path), Buffer.from(value), path);
  }
  const { type, options } = await mountLine(world, target);
  t.same([type, options.includes('ro')], ['tmpfs', true]);
  t.match(await variables(world, target), values.variables);
  const [app] = found.spec?.containers ?? [];
  t.equal(app?.volumeMounts?.find(({ mountPath }) => mountPath === MOUNT)?.readOnly, true);
  t.same(await world.kubectl.list('secrets', namespace), [], 'no Secret was needed');
}

/** An app that reads files, and Secrets that nobody made. */
function integrationSpec(world: World): V1PodSpec {
  const from = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
  const env = [
    { name: 'DB_USER', ...from('from-ssm', 'username') },
    { name: 'PLAIN', ...from('plain', 'value') },
    { name: 'GREETING', value: 'hello $(DB_USER)' },
  ];
  const envFrom = [{ prefix: 'SM_', secretRef: { name: 'from-sm' } }];
  const volumeMounts = [{ name: 'secrets-store-inline', mountPath: MOUNT }];
  return podSpec(world, {
    containers: [sleeper(world, 'app', { env, envFrom, volumeMounts })],
    volumes: [csiVolume('secrets-store-inline', 'basic-test-mount-spc')],
  });
}

/** Puts what the class names into AWS. Returns the files and the variables that come of it. */
function plant({ aws, canary, farRegion }: World): {
  files: Record<string, string>;
  variables: Record<string, string>;
} {
  const json = JSON.stringify({ username: `${canary}-ssm`, dbUser: { password: `${canary}-ssm-password` } });
  const other = JSON.stringify({ username: `${canary}-sm`, 'pass-word': `${canary}-sm-password` });
  for (const region of [undefined, farRegion]) {
    aws.setParameter({ name: 'e2e-takeover-parameter', value: `${canary}-1`, region });
    aws.setParameter({ name: '/e2e/takeover/parameter/with/a/long/name', value: `${canary}-2`, region });
    aws.setParameter({ name: '/e2e/takeover/json', value: json, type: 'SecureString', region });
    aws.setSecret({ name: 'e2e/takeover/secret', value: `${canary}-3`, region });
    aws.setSecret({ name: 'e2e/takeover/json', value: other, region });
  }
  aws.setSecret({ name: 'e2e/takeover/arn', value: `${canary}-4` });
  aws.setSecret({ name: 'e2e/takeover/far', value: `${canary}-far`, region: farRegion });
  return {
    files: {
      'e2e-takeover-parameter': `${canary}-1`,
      ParameterStoreTestWithLongName: `${canary}-2`,
      e2e_takeover_secret: `${canary}-3`,
      SecretsManagerTest2: `${canary}-4`,
      _e2e_takeover_json: json,
      ssmUsername: `${canary}-ssm`,
      ssmPassword: `${canary}-ssm-password`,
      e2e_takeover_json: other,
      smUsername: `${canary}-sm`,
      smPassword: `${canary}-sm-password`,
    },
    variables: {
      DB_USER: `${canary}-ssm`,
      PLAIN: `${canary}-4`,
      GREETING: `hello ${canary}-ssm`,
      SM_username: `${canary}-sm`,
      SM_password: `${canary}-sm-password`,
    },
  };
}
