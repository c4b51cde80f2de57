import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { EXEMPT } from '../../../webhook/admission/skip.ts';
import { command } from '../harness/command.ts';
import { scale } from '../harness/install.ts';
import { declare, ended, INJECTOR, MOUNT, pod, podOf, podSpec, ready } from '../harness/pods.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Tests the commands that ask the cluster. */
export async function cli(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'cli');
  const spec = podSpec(world);
  await world.kubectl.apply(
    pod(namespace, 'healthy', { files: 'x: e2e/plain', env: 'KEY: ssm:/e2e/key' }, spec),
    pod(namespace, 'failing', { files: 'x: e2e/absent-for-cli\ny: e2e/forbidden' }, spec),
    pod(namespace, 'off', { files: 'x: e2e/plain', inject: 'false' }, spec),
    annotatedDeployment(namespace, spec),
  );

  await t.test('explain says what became of each reference of a healthy pod', async (t) => {
    await ready(world, namespace, 'healthy');
    const { code, stdout } = await command(['explain', 'pod/healthy', '-n', namespace]);
    t.equal(code, 0);
    t.match(stdout, /The pod was injected, and its secrets were fetched\./);
    t.match(stdout, new RegExp(`e2e/plain +file ${MOUNT}/x \\(0644\\) +in app\\n`));
    t.match(stdout, /ssm:\/e2e\/key +variable KEY \(set by the kubelet\) +in app\n/);
    t.match(stdout, new RegExp(`role +arn:aws:iam::\\d+:role/${namespace}\\n`));
    t.match(stdout, new RegExp(`region +${world.region}\\n`));
    t.match(stdout, /Events\n[\s\S]*Started/);
    t.notMatch(stdout, world.canary);
  });

  await t.test('explain shows each failure of a pod with its fix, and the events', async (t) => {
    await ended(world, namespace, 'failing');
    const { code, stdout } = await command(['explain', 'pod/failing', '-n', namespace]);
    t.equal(code, 1);
    t.match(stdout, new RegExp(`Its container ${INJECTOR} failed with exit code 10`), 'it may run again already');
    t.match(stdout, /e2e\/absent-for-cli.*\[ASI_/);
    t.match(stdout, /e2e\/forbidden.*\[ASI_/);
    t.match(stdout, /Events\n/);
  });

  await t.test('explain names the condition that let a pod pass, and what would change that', async (t) => {
    const { code, stdout } = await command(['explain', 'off', '-n', namespace]);
    t.equal(code, 1);
    t.match(stdout, /NO {2}not-turned-off: .*\n +To change it: Remove the annotation/);
    t.notMatch(stdout, / \? /, 'the administrator of the cluster may see everything');
  });

  await t.test('explain finds annotations on the Deployment instead of its template', async (t) => {
    const { name } = await podOf(world, namespace, 'app=misplaced');
    const { code, stdout } = await command(['explain', `pod/${name}`, '-n', namespace]);
    t.equal(code, 1);
    t.match(stdout, /Nothing was injected\. \S+\/files is in metadata of the Deployment, where no pod gets it\./);
  });

  await t.test('explain finds the pod of a Deployment, and shows why it fails', async (t) => {
    const deployed = await createNamespace(world, 'cli-deployed');
    const labels = { app: 'deployed' };
    const metadata = { labels, annotations: declare({ files: 'x: e2e/absent-for-cli' }) };
    await world.kubectl.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'deployed', namespace: deployed },
      spec: { selector: { matchLabels: labels }, template: { metadata, spec } },
    });
    const { name } = await podOf(world, deployed, 'app=deployed');
    await ended(world, deployed, name);
    const { code, stdout } = await command(['explain', 'deploy/deployed', '-n', deployed]);
    t.equal(code, 1);
    t.match(
      stdout,
      `Deployment ${deployed}/deployed\n  The webhook would inject the pod. It has one pod now, see below.\n`,
    );
    t.match(stdout, `\nPod ${deployed}/${name}\n  The pod was injected. Its container ${INJECTOR} failed`);
    t.match(stdout, /e2e\/absent-for-cli.*\[ASI_/);
  });

  await t.test('explain finds the label that exempts a namespace', async (t) => {
    const exempt = await createNamespace(world, 'cli-exempt', { [EXEMPT]: 'true' });
    await world.kubectl.apply(pod(exempt, 'early', { files: 'x: e2e/plain' }, spec));
    const { stdout } = await command(['explain', 'pod/early', '-n', exempt]);
    t.match(stdout, new RegExp(`To change it: kubectl label namespace ${exempt} ${EXEMPT}-\\n`));
  });

  await t.test(
    'explain tells a user who sees only the pods of a namespace what it can, and what it can not',
    async (t) => {
      const kubeconfig = await kubeconfigOfDeveloper(t, world, namespace);
      const { code, stdout } = await command(['explain', 'pod/off'], { KUBECONFIG: kubeconfig });
      t.equal(code, 1);
      t.match(stdout, /\? {3}webhook-is-registered: You may not see it: .*mutatingwebhookconfigurations/);
      t.match(stdout, /NO {2}webhook-decides-to-inject: The pod declares something, and says inject: "false"\./);
    },
  );

  await t.test('check finds nothing wrong with the installation, and injects a pod by a dry run', async (t) => {
    const { code, stdout } = await command(['check', '-n', namespace, '--wait', '60']);
    t.equal(code, 0, stdout);
    t.match(stdout, /^ok +dry-run: The API server sends pods to the webhook, and it injects them/m);
    t.match(stdout, /^ok +webhook-rights: /m);
    t.match(stdout, /^ok +certificate: /m);
    t.same(
      stdout.match(/^\? +\S+/gm),
      ['?        oidc-provider:'],
      'the administrator of the cluster may see all but AWS',
    );
    t.match(stdout, /no AWS credentials.* The issuer of the cluster is https:/);
    t.same((await world.kubectl.list('pods', namespace)).length, 4, 'nothing of the dry run is left');
  });

  await t.test('check says what a user may not see, and what it saw', async (t) => {
    const kubeconfig = await kubeconfigOfDeveloper(t, world, namespace);
    const { code, stdout } = await command(['check'], { KUBECONFIG: kubeconfig });
    t.equal(code, 0, stdout);
    t.match(stdout, /^\? +webhook-registered: Not looked at: You may not see it/m);
    t.match(stdout, /^\? +dry-run: Not looked at: you may not create pods here/m);
  });

  await t.test('check says before an installation that there is one', async (t) => {
    const { code, stdout } = await command(['check', '--pre']);
    t.equal(code, 0, stdout);
    t.match(stdout, /^note +not-installed-yet: /m);
    t.match(stdout, /^ok +your-rights: /m);
  });

  await t.test('check finds that nothing answers, and waits until something does', async (t) => {
    await scale(world, 0);
    const { code, stdout } = await command(['check', '-n', namespace]);
    t.equal(code, 1);
    t.match(stdout, /^PROBLEM +webhook-running: /m);
    t.match(stdout, /^PROBLEM +dry-run: The API server can not call the webhook: /m);
    const [waited] = await Promise.all([command(['check', '-n', namespace, '--wait', '120']), scale(world, 2)]);
    t.equal(waited.code, 0, waited.stdout);
  });
}

function annotatedDeployment(namespace: string, spec: object): object {
  const labels = { app: 'misplaced' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'misplaced', namespace, annotations: declare({ files: 'x: e2e/plain' }) },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

/** Returns the kubeconfig of a user who may see the pods and events of the namespace, and nothing else. */
async function kubeconfigOfDeveloper(t: Test, world: World, namespace: string): Promise<string> {
  const { kubectl } = world;
  const name = 'developer';
  const metadata = { name, namespace };
  const rules = [{ apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list'] }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  await kubectl.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef,
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  );
  const token = await kubectl.run(['create', 'token', name, '-n', namespace]);
  const config = JSON.parse(await kubectl.run(['config', 'view', '--minify', '--raw', '--flatten', '-o', 'json']));
  const [context] = config.contexts;
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config');
  const users = [{ name: context.context.user, user: { token: token.trim() } }];
  const contexts = [{ ...context, context: { ...context.context, namespace } }];
  writeFileSync(file, JSON.stringify({ ...config, users, contexts }), { mode: 0o600 });
  return file;
}
