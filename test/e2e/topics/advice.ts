/** Looks where a person looks first: mistakes in a Deployment are explained at `kubectl apply`, or by one `kubectl describe` of its pod. */
import type { Test } from 'tap';
import { RELEASE, replicas, scale } from '../harness/install.ts';
import { replicaMetric } from '../harness/metrics.ts';
import { declare, ended, podOf, podSpec, sleeper } from '../harness/pods.ts';
import { say, until } from '../harness/progress.ts';
import type { Outcome } from '../harness/run.ts';
import { createNamespace, type World } from '../harness/world.ts';

type Parts = {
  readonly annotations?: Record<string, string>;
  readonly own?: object;
  readonly template?: object;
  readonly spec?: object;
};
type Mistake = readonly [name: string, parts: Parts, explained: readonly (string | RegExp)[]];

const FILES = { files: 'x: e2e/plain' };

/** Mistakes that the webhook knows: `kubectl apply` says all. */
const atApply: readonly Mistake[] = [
  ['misspelled', { annotations: { flies: 'x: e2e/plain' } }, [/flies/, /files/]],
  [
    'beside-the-template',
    { own: { annotations: declare(FILES) } },
    [/in metadata of the Deployment/, /spec\.template/],
  ],
  ['label', { template: { labels: declare({ region: 'eu-west-1' }) } }, [/is a label/, /metadata\.annotations/]],
  [
    'other-domain',
    { template: { annotations: { 'aws-secrets-injector.io/files': 'x: e2e/plain' } } },
    [/aws-secrets-injector\.io\/files has no effect/, /aws-secrets-injector\.dev\/files/],
  ],
  ['inject-alone', { annotations: { inject: 'true' } }, [/has no effect/, /add aws-secrets-injector\.dev\/files/]],
  [
    'no-role',
    { annotations: FILES, spec: { serviceAccountName: 'default' } },
    [/no annotation eks\.amazonaws\.com\/role-arn/, /kubectl annotate serviceaccount --overwrite -n \S+ default/],
  ],
  [
    'no-account',
    { annotations: FILES, spec: { serviceAccountName: 'nobody' } },
    [/no such ServiceAccount/, /kubectl create serviceaccount .* && kubectl annotate serviceaccount/],
  ],
  ['no-yaml', { annotations: { files: 'x: [' } }, [/files/, /ASI_ADMIT_INVALID_VALUE/]],
  ['no-reference', { annotations: { files: 'x: "ssm:"' } }, [/ASI_ADMIT_INVALID_REFERENCE/]],
  [
    'no-class',
    { annotations: { 'secret-provider-class': 'absent' } },
    [/secret-provider-class absent/, /create it, or correct the name/],
  ],
  ['no-container', { annotations: { ...FILES, containers: 'api' } }, [/containers names/, /there are "web"/]],
  ['no-variable', { annotations: { env: '1A: e2e/plain' } }, [/1A/, /ASI_ADMIT_INVALID_VARIABLE/]],
];

/** Mistakes that AWS or the value shows: `kubectl describe pod` says all. */
const atPod: readonly Mistake[] = [
  ['absent', { annotations: { files: 'x: e2e/nowhere' } }, [/e2e\/nowhere/, /us-west-2|region/]],
  ['denied', { annotations: { files: 'x: e2e/forbidden' } }, [/e2e\/forbidden/, /secretsmanager:GetSecretValue/]],
  ['wrong-key', { annotations: { files: 'x: e2e/db#pasword' } }, [/pasword/, /username/]],
  ['quote', { annotations: { env: 'QUOTED: e2e/db#password' } }, [/QUOTED/, /env-delivery: shell/]],
];

/** The Deployments of a team that does not use the product. */
const MANY = 1000;

export async function advice(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'advice');
  const create = (name: string, parts: Parts, ...flags: string[]) =>
    world.kubectl.create(deployment(world, { namespace, name }, parts), ...flags);

  await t.test('kubectl prints long warnings as a whole', async (t) => {
    await until('advice to be given', 60, async () =>
      (await create('probe', { annotations: { flies: 'x' } }, '--dry-run=server')).stderr ? true : undefined,
    );
    const annotations = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`wrong-${index}`, 'x']));
    const { stderr } = await create(
      'long',
      { annotations, spec: { serviceAccountName: 'default' } },
      '--dry-run=server',
    );
    const lengths = stderr
      .split('\n')
      .filter(Boolean)
      .map((line) => line.length);
    say(`${lengths.length} warnings of ${Math.min(...lengths)} to ${Math.max(...lengths)} characters`);
    t.ok(
      lengths.some((length) => length > 256),
      'one is longer than what the API server cuts to',
    );
    t.notMatch(stderr, /…$/m, 'and none is cut');
  });

  for (const [name, parts, explained] of atApply) {
    await t.test(`kubectl apply explains: ${name}`, async (t) => {
      const { code, stderr } = await create(name, parts, '--dry-run=server');
      say(`| ${name} | kubectl apply -f ${name}.yaml | ${stderr.trim()} |`);
      t.equal(code, 0, 'the Deployment is created all the same');
      for (const part of explained) t.match(stderr, part);
    });
  }

  for (const [name, parts] of atPod) await create(name, parts);
  for (const [name, , explained] of atPod) {
    await t.test(`kubectl describe pod explains: ${name}`, async (t) => {
      const pod = await podOf(world, namespace, `app=${name}`);
      await ended(world, namespace, pod.name);
      const text = await world.kubectl.describe('pod', namespace, pod.name);
      say(`| ${name} | kubectl describe pod -l app=${name} | ${/Message: +(.*(?:\n {6,}.*)*)/.exec(text)?.[1]} |`);
      for (const part of explained) t.match(text, part);
    });
  }

  await t.test(`${MANY} Deployments without our annotations send nothing to /advise`, async (t) => {
    const before = await advised(world);
    const items = Array.from({ length: MANY }, (_, index) =>
      deployment(world, { namespace, name: `other-${index}` }, { template: { annotations: { 'example.com/a': 'b' } } }),
    );
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await world.kubectl.run(['create', '--dry-run=server', '-o', 'name', '-f', '-'], list);
    t.equal(await advised(world), before);
    await create('ours', { annotations: FILES }, '--dry-run=server');
    t.equal(await advised(world), before + 1, 'and one with them does');
  });

  const createByTurns = async (t: Test, rounds: number) => {
    const timed = async (name: string, parts: Parts) => {
      const started = performance.now();
      const { code, stderr } = await create(name, parts, '--dry-run=server');
      return { code, stderr, milliseconds: Math.round(performance.now() - started) };
    };
    const outcomes: (Pick<Outcome, 'code' | 'stderr'> & { milliseconds: number })[] = [];
    for (let round = 0; round < rounds; round += 1) {
      outcomes.push(await timed('theirs', {}), await timed('ours', { annotations: FILES }));
    }
    say(
      `milliseconds of kubectl, without and with our annotations by turns: ${outcomes.map((one) => one.milliseconds)}`,
    );
    t.ok(outcomes.every(({ code, stderr }) => code === 0 && stderr === ''));
  };

  await t.test('without any webhook, every Deployment is created, and without a warning', async (t) => {
    await scale(world, 0);
    await createByTurns(t, 5);
  });

  await t.test('nor does an endpoint whose node is dead refuse one', async (t) => {
    await world.kubectl.apply(deadEndpoint(world));
    await createByTurns(t, 3);
    await world.kubectl.run(['delete', 'endpointslice', 'dead-node', '-n', RELEASE]);
    await scale(world, 2);
  });
}

/** Returns how many workloads all replicas were asked about. */
async function advised(world: World): Promise<number> {
  const names = await replicas(world);
  const counts = await Promise.all(
    names.map((name) => replicaMetric(world, name, 'aws_secrets_injector_advice_requests_total')),
  );
  return counts.reduce<number>((sum, count = 0) => sum + count, 0);
}

/** An endpoint of the webhook's Service at an address of the pods' network that nobody has: packets to it get no answer. */
function deadEndpoint({ settings: { hostIp } }: World): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'dead-node', namespace: RELEASE, labels: { 'kubernetes.io/service-name': RELEASE } },
    addressType: 'IPv4',
    ports: [{ name: 'admission', port: 9443, protocol: 'TCP' }],
    endpoints: [{ addresses: [hostIp.replace(/\d+$/, '254')], conditions: { ready: true } }],
  };
}

function deployment(world: World, at: { namespace: string; name: string }, parts: Parts): object {
  const labels = { app: at.name };
  const { annotations = {}, own = {}, template = {}, spec = {} } = parts;
  const metadata: { labels?: object; annotations?: object } = template;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...at, ...own },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels: { ...metadata.labels, ...labels },
          annotations: { ...declare(annotations), ...metadata.annotations },
        },
        spec: podSpec(world, { containers: [sleeper(world, 'web')], ...spec }),
      },
    },
  };
}
