/** Pods with variables and taken-over volumes that come again: after defaults and other webhooks, and as edited copies. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import type { Answer } from '../../../webhook/admission/admit.ts';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { answerTo, DB_CLASS, type Json, patched, patchOf, readWorld } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Variable = { name: string; value?: string; valueFrom?: { fileKeyRef?: { path: string; optional?: boolean } } };
type Container = { name: string; command?: string[]; env?: Variable[]; volumeMounts?: Json[]; [key: string]: unknown };
type Pod = {
  metadata: { annotations: Record<string, string>; labels?: Record<string, string> };
  spec: { containers: Container[]; initContainers: Container[]; volumes: Json[] };
};

const WORLD = `${DB_CLASS}---
{}
`;
const { settings, facts } = readWorld(WORLD);
const answer = (pod: unknown): Promise<Answer> => answerTo(pod, {}, settings, facts);

function podOf(annotations: Record<string, string>, container: Json = {}, spec: Json = {}): Pod {
  const containers = [{ name: 'app', image: 'x', ...container }];
  return {
    metadata: { annotations: annotationsOf(annotations) },
    spec: { serviceAccountName: 'app', containers, ...spec },
  } as unknown as Pod;
}

async function admitted(pod: Pod): Promise<Pod> {
  const { review } = await answer(pod);
  t.equal(review.response.status?.message, undefined);
  return patched(pod, review);
}

const VOLUME = {
  name: 'secrets',
  csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } },
};

/** Returns a pod on Fargate with a taken-over volume, a reference to its Secret, and annotations of its own. */
function mixed(annotations: Record<string, string> = { files: 'key: ssm:/app/key', 'mount-path': '/run/more' }): Pod {
  const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'all' } } }];
  const volumeMounts = [{ name: 'secrets', mountPath: '/mnt/secrets-store' }];
  const spec = { volumes: [VOLUME], schedulerName: 'fargate-scheduler' };
  return podOf(annotations, { env, volumeMounts }, spec);
}

const ours = (pod: Pod) => pod.spec.initContainers.filter(({ name }) => name.startsWith('aws-secrets-injector'));
const configOf = (pod: Pod) => decodeConfig(ours(pod)[0]?.env?.[0]?.value ?? '');

for (const delivery of ['kubelet', 'shell']) {
  t.test(`changes nothing after defaults and another webhook's variables in front: ${delivery}`, async (t) => {
    const env = 'A: app/db#a\nB: { from: "app/db#b", optional: true }';
    const pod = await admitted(podOf({ env, 'env-delivery': delivery }, { command: ['run'] }));
    const [app] = pod.spec.containers;
    for (const { valueFrom } of app?.env ?? []) if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
    if (delivery === 'kubelet') app?.env?.unshift({ name: 'AWS_REGION', value: 'eu-west-1' });
    pod.spec.containers.push({ name: 'istio-proxy', env: [{ name: 'A', value: 'mesh' }] });
    t.same(patchOf((await answer(pod)).review), []);
  });
}

t.test('shows a copy of an older injection only its own folder of the volume', async (t) => {
  const pod = await admitted(podOf({ env: 'A: app/db#a', 'env-delivery': 'shell' }, { command: ['run'] }));
  const old = structuredClone(pod);
  for (const mount of old.spec.containers[0]?.volumeMounts ?? []) delete mount['subPath'];
  t.same(await admitted(old), pod);
});

t.test('gives variables to a container that came later where the annotation names it', async (t) => {
  const pod = await admitted(podOf({ env: 'A: app/db#a', containers: 'app,late' }));
  pod.spec.containers.push({ name: 'late', env: [{ name: 'OWN', value: '$(A)' }] }, { name: 'other' });
  const [, late, other] = (await admitted(pod)).spec.containers;
  t.same(
    late?.env?.map(({ name }) => name),
    ['A', 'OWN'],
  );
  t.notOk(other?.env);
});

t.test('leaves the configuration of a taken-over pod alone when the volume is an ordinary one', async (t) => {
  const once = await admitted(mixed());
  const again = await answer(once);
  t.equal(again.outcome, 'unchanged');
  t.same(patchOf(again.review), []);
});

t.test('carries the taken-over volume into the new configuration of an edited copy', async (t) => {
  const pod = await admitted(mixed());
  const before = configOf(pod);
  pod.metadata.annotations[`${PREFIX}files`] = 'other: app/other';
  const after = await admitted(pod);
  const { objects } = configOf(after);
  const old = before.objects.filter(({ name }: { name: string }) => name === 'app/db');
  t.same(objects, [{ service: 'secretsmanager', name: 'app/other', files: [{ path: 'other', mode: '0644' }] }, ...old]);
  t.match(old[0], { files: [{ path: 'db' }], environment: [{ path: 'db/all', key: 'all' }] });
  t.match(ours(after)[0]?.volumeMounts, [
    { name: 'aws-secrets' },
    { name: 'secrets' },
    { name: 'aws-secrets-env' },
    {},
  ]);
  t.same(patchOf((await answer(after)).review), []);
});

t.test('fetches a secret once that the annotations of a copy and its taken-over volume have both', async (t) => {
  const pod = await admitted(mixed());
  const own = { files: 'own: app/db', env: 'OWN: app/db#own', 'mount-path': '/run/more' };
  pod.metadata.annotations = annotationsOf(own);
  const after = await admitted(pod);
  const { objects } = configOf(after);
  t.match(objects, [
    {
      name: 'app/db',
      files: [{ path: 'own' }, { path: 'db', directory: '/run/aws-secrets-injector/volumes/secrets' }],
      environment: [{ path: 'OWN' }, { path: 'db/all' }],
    },
  ]);
  t.equal(objects.length, 1);
  t.same(patchOf((await answer(after)).review), [], 'a further pass changes nothing');
  t.same((await admitted(mixed(own))).spec, after.spec, 'a new pod gets the same');
});

t.test('keeps the region and the identity of the class where the annotations of a copy name others', async (t) => {
  const pod = await admitted(mixed());
  pod.metadata.annotations[`${PREFIX}region`] = 'us-east-1';
  const { region, objects } = configOf(await admitted(pod));
  t.equal(region, 'us-east-1');
  t.match(objects, [
    { name: '/app/key', region: undefined },
    { name: 'app/db', region: 'eu-west-1' },
  ]);
});

t.test('takes nothing over into a volume that is no longer one of memory', async (t) => {
  const pod = await admitted(mixed());
  pod.metadata.annotations[`${PREFIX}files`] = 'other: app/other';
  const hostPath = { name: 'secrets', hostPath: { path: '/etc' } };
  pod.spec.volumes = pod.spec.volumes.map((volume) => (volume['name'] === 'secrets' ? hostPath : volume));
  const after = await admitted(pod);
  t.notMatch(JSON.stringify(configOf(after)), /volumes\/secrets/);
  t.match(after.spec.volumes, [hostPath]);
});

t.test('does nothing more to a taken-over pod without annotations, whatever came since', async (t) => {
  const pod = await admitted(mixed({ cpu: '100m' }));
  pod.spec.containers.push({ name: 'late' });
  const { outcome, reason } = await answer(pod);
  t.equal(outcome, 'skipped');
  t.equal(reason, 'taken-over');
});

t.test(
  'gives references to Secrets back to a container that runs before ours when another webhook is done',
  async (t) => {
    const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'all' } } }];
    const initContainers = [{ name: 'migrate', image: 'x', env }];
    const pod = await admitted(
      podOf({ 'secret-provider-class': 'db', position: 'after:istio-init' }, {}, { initContainers }),
    );
    t.match(JSON.stringify(pod.spec.initContainers.at(-1)), 'fileKeyRef');
    pod.spec.initContainers.push({ name: 'istio-init' });
    const result = await admitted(pod);
    t.same(
      result.spec.initContainers.map(({ name }) => name),
      ['migrate', 'istio-init', 'aws-secrets-injector'],
    );
    t.same(result.spec.initContainers[0]?.env, env);
  },
);

t.test('replaces the variables of a copy that declares others, and leaves those of its own', async (t) => {
  const own = { name: 'OWN', value: '$(A)' };
  const pod = await admitted(podOf({ env: 'A: app/db#a\nB: app/db#b' }, { env: [own] }));
  pod.metadata.annotations[`${PREFIX}env`] = 'C: app/db#c\nB: app/db#b';
  const after = await admitted(pod);
  t.same(
    after.spec.containers[0]?.env?.map(({ name }) => name),
    ['C', 'B', 'OWN'],
  );
  t.same(patchOf((await answer(after)).review), []);
});

t.test('takes variables, volumes and the shell away from a copy that wants files only', async (t) => {
  for (const delivery of ['kubelet', 'shell']) {
    const pod = await admitted(podOf({ env: 'A: app/db#a', 'env-delivery': delivery }, { command: ['run', 'it'] }));
    pod.metadata.annotations = { [`${PREFIX}files`]: 'db: app/db' };
    const { spec } = await admitted(pod);
    t.same(spec.containers[0]?.command, ['run', 'it']);
    t.same(spec.containers[0]?.env ?? [], []);
    t.same(
      spec.containers[0]?.volumeMounts?.map(({ name }) => name),
      ['aws-secrets'],
    );
    t.same(
      spec.volumes.map(({ name }) => name),
      ['aws-secrets-token', 'aws-secrets'],
    );
  }
});

t.test('adds the sentinel when an old node has joined between two passes, and takes it away again', async (t) => {
  const pod = await admitted(podOf({ env: 'A: app/db#a' }));
  const old = { ...facts, envFiles: async () => ({ serverVersion: '1.35', server: true, everyNode: false }) };
  const later = patched(pod, (await answerTo(pod, {}, settings, old)).review);
  t.same(
    ours(later).map(({ name }) => name),
    ['aws-secrets-injector', 'aws-secrets-injector-sentinel'],
  );
  t.same(patchOf((await answerTo(later, {}, settings, old)).review), []);
  t.equal(ours(await admitted(later)).length, 1);
});

t.test('the command that the shell delivery makes starts the app with its variables and arguments', async (t) => {
  const script = `printf "%s|" "$SECRET" "$MINE" "\${aws_secrets_injector_keep-unset}" "$@"`;
  const env = [{ name: 'MINE', value: 'mine' }];
  const pod = await admitted(
    podOf(
      { env: 'SECRET: app/db\nMINE: app/db', 'env-delivery': 'shell' },
      { command: ['/bin/sh', '-c', script, 'app'], env },
    ),
  );
  const folder = mkdtempSync(join(tmpdir(), 'shell-'));
  const guarded = (name: string) =>
    `case "\${aws_secrets_injector_keep-}" in *' ${name} '*) ;; *) export ${name}='s p"$' ;; esac\n`;
  writeFileSync(join(folder, 'environment.sh'), guarded('SECRET') + guarded('MINE'));
  const [program = '', ...rest] = (pod.spec.containers[0]?.command ?? []).map((text) =>
    text.replace('/run/aws-secrets-injector/environment', folder),
  );
  const output = execFileSync(program, [...rest, "it's", '', '$(A) *'], { env: { MINE: 'mine' }, encoding: 'utf8' });
  t.equal(output, `s p"$|mine|unset|it's||$(A) *|`);
});

t.test('no name of a variable becomes part of the script that starts a container', async (t) => {
  const env = ["A'; touch /tmp/x; '", '$(B)', 'C D', 'FINE'].map((name) => ({ name, value: 'x' }));
  const pod = await admitted(podOf({ env: 'A: app/db', 'env-delivery': 'shell' }, { command: ['run'], env }));
  t.match(
    pod.spec.containers[0]?.command?.[2],
    /^aws_secrets_injector_keep=' FINE '; \. \S+ && unset \w+ && exec "\$@"$/,
  );
});

t.test(
  'leaves volumes and mounts alone that have our names and are not ours, where it needs none itself',
  async (t) => {
    const volumes = [{ name: 'aws-secrets', emptyDir: { medium: 'Memory' } }];
    const volumeMounts = [{ name: 'aws-secrets', mountPath: '/mnt/secrets-store', readOnly: true }];
    const pod = await admitted(podOf({ env: 'A: app/db' }, { volumeMounts }, { volumes }));
    t.same(pod.spec.containers[0]?.volumeMounts, volumeMounts);
    t.same(pod.spec.volumes[0], volumes[0]);
  },
);
