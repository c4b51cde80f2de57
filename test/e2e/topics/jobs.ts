import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Job, V1PodSpec } from '@kubernetes/client-node';
import type { Test } from 'tap';
import { parse } from 'yaml';
import { declare, failure, MOUNT, podOf, podSpec, runs, untilPod } from '../harness/pods.ts';
import { until } from '../harness/progress.ts';
import { createNamespace, type World } from '../harness/world.ts';

/** Jobs whose pods never restart. */
export async function jobs(t: Test, world: World): Promise<void> {
  const namespace = await createNamespace(world, 'jobs');
  const script = `test "$(sha256sum < ${MOUNT}/plain.txt)" = "$EXPECTED  -"`;
  const sum = createHash('sha256').update(world.secrets.plain).digest('hex');
  const env = [{ name: 'EXPECTED', value: sum }];
  const containers = [runs(world, 'work', script, { env })];
  await world.kubectl.apply(
    job(
      namespace,
      { name: 'good', files: 'plain.txt: e2e/plain' },
      podSpec(world, { containers, restartPolicy: 'Never' }),
    ),
    job(namespace, { name: 'bad', files: 'x: e2e/absent-job' }, podSpec(world, { containers, restartPolicy: 'Never' })),
  );

  await t.test('a Job that never restarts its pod reads the secret and completes', async (t) => {
    t.equal(await finished(world, namespace, 'good'), 'Complete');
  });

  await t.test('the podFailurePolicy of docs/errors.md stops a Job at the first permanent failure', async (t) => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
    const [, recipe = ''] = /```yaml\n(podFailurePolicy:\n[\s\S]*?)```/.exec(page) ?? [];
    const wanted = job(
      namespace,
      { name: 'stopped', files: 'x: e2e/absent-job' },
      podSpec(world, { containers, restartPolicy: 'Never' }),
    );
    await world.kubectl.apply({ ...wanted, spec: { ...wanted.spec, ...parse(recipe), backoffLimit: 5 } });
    t.equal(await finished(world, namespace, 'stopped'), 'Failed');
    const { status } = JSON.parse(
      await world.kubectl.run(['get', 'job', 'stopped', '-n', namespace, '-o', 'json']),
    ) as V1Job;
    t.equal(status?.conditions?.find(({ type }) => type === 'Failed')?.reason, 'PodFailurePolicy');
    t.equal(status?.failed, 1);
  });

  await t.test('a Job whose secret is missing fails with the permanent exit code, and its app never ran', async (t) => {
    t.equal(await finished(world, namespace, 'bad'), 'Failed');
    const { name } = await podOf(world, namespace, 'job-name=bad');
    const found = await untilPod(
      world,
      { namespace, name, what: 'it failed' },
      ({ status }) => status?.phase === 'Failed',
    );
    t.equal(failure(found)?.exitCode, 10);
    t.match(failure(found)?.message, /e2e\/absent-job/);
    t.notOk(found.status?.containerStatuses?.[0]?.state?.terminated?.startedAt);
  });
}

function job(namespace: string, { name, files }: { name: string; files: string }, spec: V1PodSpec): V1Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: { backoffLimit: 0, template: { metadata: { annotations: declare({ files }) }, spec } },
  };
}

function finished(world: World, namespace: string, name: string): Promise<string> {
  return until(`Job ${namespace}/${name} to end`, 120, async () => {
    const found = await world.kubectl.find<V1Job>('job', namespace, name);
    return found?.status?.conditions?.find(({ type, status }) => /^(Complete|Failed)$/.test(type) && status === 'True')
      ?.type;
  });
}
