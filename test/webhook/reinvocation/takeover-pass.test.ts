/** Tests a second pass over pods whose volume was taken over: after other webhooks, and as copies that were edited. */
import t from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { patchOf } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';
import { admissionOnNewNodes, ours, type Pod, podOf, podWithVolume } from '../support/injected-pods.ts';

const { answer, admitted } = admissionOnNewNodes(t);

/** Returns a pod on Fargate whose volume is taken over, with annotations of its own. */
function mixed(annotations: Record<string, string> = { files: 'key: ssm:/app/key', 'mount-path': '/run/more' }) {
  return podWithVolume(annotations, { schedulerName: 'fargate-scheduler' });
}

const configOf = (pod: Pod) => decodeConfig(ours(pod)[0]?.env?.[0]?.value ?? '');

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
