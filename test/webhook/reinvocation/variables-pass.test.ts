/** Tests a second pass over pods with variables: after defaults and other webhooks, and as copies that were edited. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { answerTo, patched, patchOf } from '../support/admission.ts';
import { admissionOnNewNodes, ours, podOf } from '../support/injected-pods.ts';

const { answer, admitted, settings, facts } = admissionOnNewNodes(t);

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
