/** Tests the shell delivery of synced Secrets: the compiled injector writes the files, and a shell starts the command. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import { CONFIG_ENV, ENVIRONMENT_DIRECTORY, TOKEN_FILE } from '../../../injector/contract/names.ts';
import type { Container, Pod, Variable } from '../../../webhook/pod/pod.ts';
import { createIssuer, serviceAccountToken } from '../../aws/issuer.ts';
import { startAws } from '../../aws/server.ts';
import { BINARY } from '../../injector/support/world.ts';
import { admissionOf, ROLE } from '../support/admission.ts';

const PREFIX = 'aws-secrets-injector.dev/';

/** The worst values, which the kubelet's file can not have. */
const VALUES = { quote: 'it\'s `$(id)` "x"', lines: 'a\r\nb\r\n', empty: '', plain: 'plain' };

const CLASS = `
kind: SecretProviderClass
metadata: { name: db }
spec:
  provider: aws
  parameters:
    objects: |
      - objectName: app/db
        objectType: secretsmanager
        jmesPath: [${Object.keys(VALUES).map((key) => `{ path: ${key}, objectAlias: ${key} }`)}]
  secretObjects:
    - { secretName: db, type: Opaque, data: [${Object.keys(VALUES).map((key) => `{ objectName: ${key}, key: ${key} }`)}] }
---
metadata: {}
`;

const { admitted } = admissionOf<Pod>(t, CLASS);
const shell = (annotations: Record<string, string> = {}) => ({ 'env-delivery': 'shell', ...annotations });

const reference = (name: string, key: string): Variable => ({ name, valueFrom: { secretKeyRef: { name: 'db', key } } });

const csi = {
  name: 'secrets',
  csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } },
};

const podOf = (annotations: Record<string, string>, containers: Container[], volumes: unknown[] = [csi]) => ({
  metadata: {
    labels: { 'eks.amazonaws.com/fargate-profile': 'apps' },
    annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [PREFIX + name, value])),
  },
  spec: { serviceAccountName: 'app', containers, volumes },
});

const injected = ({ spec }: Pod) => {
  const text = spec.initContainers?.[0]?.env?.find(({ name }) => name === CONFIG_ENV)?.value;
  return decodeConfig(text ?? '');
};

const containerOf = ({ spec }: Pod, name: string) => spec.containers.find((one) => one.name === name);

/** Runs the compiled injector as the pod's, and returns what it printed with the folder that stands for the root of its files. */
async function inject(t: Test, pod: Pod, values: Record<string, string> = VALUES) {
  const aws = await startAws({ account: '111122223333' });
  t.teardown(aws.close);
  const issuer = createIssuer({ algorithm: 'ES256' });
  aws.addIssuer(issuer);
  const subjects = ['system:serviceaccount:shop:app'];
  const policy = [{ actions: ['*'], resources: ['*'] }];
  aws.addRole({ arn: ROLE, trust: [{ issuer: issuer.issuer, subjects }], policy });
  aws.setSecret({ name: 'app/db', value: JSON.stringify(values) });
  aws.setSecret({ name: 'app/api', value: "key's" });
  const root = t.testdir({});
  for (const { mountPath } of pod.spec.initContainers?.[0]?.volumeMounts ?? []) {
    mkdirSync(join(root, mountPath), { recursive: true });
  }
  mkdirSync(dirname(join(root, TOKEN_FILE)), { recursive: true });
  writeFileSync(join(root, TOKEN_FILE), serviceAccountToken(issuer, { namespace: 'shop', serviceAccount: 'app' }));
  const config = { ...injected(pod), aws: { endpointUrl: aws.url } };
  const { spawn } = await import('node:child_process');
  const child = spawn(BINARY, ['--root', root], { env: { [CONFIG_ENV]: JSON.stringify(config) } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  return { root, exitCode, output };
}

/** Starts a container as the kubelet does, with its own mount of the volume, and returns its environment. */
function start(root: string, { env = [], command = [], volumeMounts = [] }: Container): Map<string, string> {
  const mount = volumeMounts?.find(({ mountPath }) => mountPath === ENVIRONMENT_DIRECTORY);
  const folder = join(root, ENVIRONMENT_DIRECTORY, String(mount?.subPath));
  const [program = '', ...rest] = (command ?? []).map((word) => word.replace(ENVIRONMENT_DIRECTORY, folder));
  const own = (env ?? []).map(({ name, value }) => `${name}=${value}`);
  const { stdout, stderr, status } = spawnSync('env', ['-i', ...own, program, ...rest], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.split('\0').slice(0, -1);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

const COMMAND = ['/usr/bin/env', '-0'];

t.test('a shell gives a container every value of its synced Secrets, and no other container’s', async (t) => {
  const app = { name: 'app', command: COMMAND, env: [reference('QUOTE', 'quote'), reference('EMPTY', 'empty')] };
  const side = {
    name: 'side',
    command: COMMAND,
    env: [{ name: 'DB_plain', value: 'mine' }],
    envFrom: [{ prefix: 'DB_', secretRef: { name: 'db' } }],
  };
  const pod = await admitted(podOf(shell(), [app, side]));
  const { root, exitCode, output } = await inject(t, pod);
  t.equal(exitCode, 0, output);
  const found = (name: string) => Object.fromEntries(start(root, containerOf(pod, name) ?? { name }));
  t.match(found('app'), { QUOTE: VALUES.quote, EMPTY: '' });
  t.same(
    Object.keys(found('app')).filter((name) => name.startsWith('DB_')),
    [],
  );
  t.match(found('side'), { DB_quote: VALUES.quote, DB_lines: VALUES.lines, DB_empty: '', DB_plain: 'mine' });
  t.same(readdirSync(join(root, ENVIRONMENT_DIRECTORY, '.containers')).sort(), ['app', 'side']);
});

t.test('variables of an annotation reach the same containers, and those of the container win', async (t) => {
  const annotations = shell({ 'secret-provider-class': 'db', env: 'API_KEY: app/api\nPLAIN: app/api' });
  const containers = [
    { name: 'app', command: COMMAND, env: [reference('PLAIN', 'plain')] },
    { name: 'side', command: COMMAND },
  ];
  const pod = await admitted(podOf(annotations, containers, []));
  const { root, exitCode, output } = await inject(t, pod);
  t.equal(exitCode, 0, output);
  t.match(Object.fromEntries(start(root, containerOf(pod, 'app') ?? { name: '' })), {
    API_KEY: "key's",
    PLAIN: 'plain',
  });
  t.match(Object.fromEntries(start(root, containerOf(pod, 'side') ?? { name: '' })), {
    API_KEY: "key's",
    PLAIN: "key's",
  });
});

t.test('without the shell, the failure names variable, container and Secret, and what works', async (t) => {
  const containers = [{ name: 'app', env: [reference('PASSWORD', 'quote')] }];
  const { exitCode, output } = await inject(t, await admitted(podOf({}, containers)));
  t.equal(exitCode, 10);
  t.match(
    output,
    /The variable \\?"PASSWORD\\?" of container \\?"app\\?", from the key \\?"quote\\?" of the Secret \\?"db\\?",/,
  );
  t.match(
    output,
    /env-delivery: shell, which carries it.*ENTRYPOINT and CMD of its image there; or let the container read/,
  );
  t.notMatch(output, VALUES.quote);
});

t.test('a variable that no shell can set is never answered by the advice to use one', async (t) => {
  const expands = { name: 'URL', value: 'db://$(PASSWORD)@db' };
  for (const annotations of [{}, shell({ env: 'API_KEY: app/api', 'secret-provider-class': 'db' })]) {
    const containers = [{ name: 'app', command: COMMAND, env: [reference('PASSWORD', 'quote'), expands] }];
    const { exitCode, output } = await inject(t, await admitted(podOf(annotations, containers)));
    t.equal(exitCode, 10);
    t.match(output, /PASSWORD.*let the container read the file of its SecretProviderClass/i);
    t.notMatch(output, /env-delivery/);
  }
});

t.test('a value that a shell can not set either names the container, too', async (t) => {
  const containers = [{ name: 'app', command: COMMAND, env: [reference('PASSWORD', 'plain')] }];
  const pod = await admitted(podOf(shell(), containers));
  const { exitCode, output } = await inject(t, pod, { ...VALUES, plain: 'a\0b' });
  t.equal(exitCode, 10);
  t.match(output, /variable \\?"PASSWORD\\?" of container \\?"app\\?", from the Secret \\?"db\\?",.*NUL/);
});

t.test(
  'a copy that wants the kubelet gets its references back, and one that wants a shell again loses them',
  async (t) => {
    const original = podOf(shell(), [{ name: 'app', command: ['run'], env: [reference('PASSWORD', 'plain')] }]);
    const pod = await admitted(original);
    const copy = structuredClone(pod);
    copy.metadata.annotations = { [`${PREFIX}files`]: 'api: app/api' };
    const served = await admitted(copy);
    t.match(containerOf(served, 'app'), {
      command: ['run'],
      env: [{ name: 'PASSWORD', valueFrom: { fileKeyRef: { path: '.secrets/db/plain', key: 'plain' } } }],
    });
    t.match(
      injected(served).objects.find(({ name }) => name === 'app/db'),
      {
        environment: [
          { path: '.secrets/db/plain', readers: [{ container: 'app', variable: 'PASSWORD', shell: true }] },
        ],
      },
    );
    const again = structuredClone(served);
    again.metadata.annotations = { ...served.metadata.annotations, [`${PREFIX}env-delivery`]: 'shell' };
    t.match(containerOf(await admitted(again), 'app'), { command: ['/bin/sh', '-c'], env: [] });
  },
);

t.test('a second pass gives the shell to a container whose command another webhook replaced', async (t) => {
  const pod = await admitted(
    podOf(shell(), [{ name: 'app', command: ['run'], env: [reference('PASSWORD', 'plain')] }]),
  );
  for (const annotations of [
    pod.metadata.annotations,
    { ...pod.metadata.annotations, [`${PREFIX}files`]: 'api: app/api' },
  ]) {
    const replaced = structuredClone(pod);
    replaced.metadata.annotations = annotations;
    const app = containerOf(replaced, 'app');
    if (app) app.command = ['other'];
    t.match(containerOf(await admitted(replaced), 'app')?.command?.slice(3), ['sh', 'other']);
  }
});

t.test('a container that sets the variable itself in a copy keeps what it sets', async (t) => {
  const pod = await admitted(
    podOf(shell(), [{ name: 'app', command: ['run'], env: [reference('PASSWORD', 'plain')] }]),
  );
  const copy = structuredClone(pod);
  const app = containerOf(copy, 'app');
  if (app) app.env = [{ name: 'PASSWORD', value: 'mine' }];
  const result = await admitted(copy);
  t.match(containerOf(result, 'app')?.env, [{ name: 'PASSWORD', value: 'mine' }]);
  t.match(containerOf(result, 'app')?.command?.[2], / PASSWORD /);
});

t.test('a container that is told to run before the injected one refers to the Secret itself again', async (t) => {
  const annotations = shell({ env: 'API_KEY: app/api', 'secret-provider-class': 'db' });
  const pod = podOf(annotations, [{ name: 'app', command: ['run'] }], []);
  const migrate = { name: 'migrate', command: ['migrate'], env: [reference('PASSWORD', 'plain')] };
  const once = await admitted({ ...pod, spec: { ...pod.spec, initContainers: [migrate] } });
  const copy = structuredClone(once);
  copy.metadata.annotations = { ...once.metadata.annotations, [`${PREFIX}position`]: 'last' };
  t.match((await admitted(copy)).spec.initContainers?.[0], migrate);
});
