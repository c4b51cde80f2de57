/** Tests the annotation that keeps Velero from the volumes that the injector fills. */
import t from 'tap';
import { answerTo, DB_CLASS, type Json, patched, patchOf, readWorld } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

const EXCLUDED = 'backup.velero.io/backup-volumes-excludes';
const INCLUDED = 'backup.velero.io/backup-volumes';

type Pod = { metadata: { annotations: Record<string, string> } };

const { settings, facts } = readWorld(`${DB_CLASS}---
kind: Facts
settings: { takeOverCsiVolumes: all }
---
{}
`);
const answer = (pod: unknown) => answerTo(pod, {}, settings, facts);

const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } };

function podOf(own: Record<string, string>, others: Record<string, string> = {}, volumes: readonly Json[] = []): Pod {
  const containers = [{ name: 'app', image: 'x' }];
  const pod = {
    metadata: { annotations: { ...annotationsOf(own), ...others } },
    spec: { serviceAccountName: 'app', containers, volumes },
  };
  return pod;
}

async function excludedIn(pod: Pod): Promise<string | undefined> {
  return patched(pod, (await answer(pod)).review).metadata.annotations[EXCLUDED];
}

const BOTH = { files: 'a: app/a', env: 'B: app/b' };

t.test('leaves the volumes with files and with variables out of backups', async (t) => {
  t.equal(await excludedIn(podOf(BOTH)), 'aws-secrets,aws-secrets-env');
});

t.test('leaves a volume that was taken over out of backups', async (t) => {
  t.equal(await excludedIn(podOf({}, {}, [{ name: 'secrets', csi }])), 'secrets');
});

for (const [present, expected] of Object.entries({
  '': 'aws-secrets,aws-secrets-env',
  'cache,tmp': 'cache,tmp,aws-secrets,aws-secrets-env',
  'aws-secrets-env,cache': 'aws-secrets-env,cache,aws-secrets',
  // Velero removes no blanks, so that this names no volume of ours.
  'cache, aws-secrets': 'cache, aws-secrets,aws-secrets,aws-secrets-env',
})) {
  t.test(`adds them to "${present}"`, async (t) => {
    t.equal(await excludedIn(podOf(BOTH, { [EXCLUDED]: present })), expected);
  });
}

for (const [kind, pod] of Object.entries({
  'a pod with annotations': podOf(BOTH, { [EXCLUDED]: 'cache' }),
  'a pod whose volume was taken over': podOf({}, { [EXCLUDED]: 'cache' }, [{ name: 'secrets', csi }]),
})) {
  t.test(`puts them back where another webhook has replaced the list of ${kind}`, async (t) => {
    const once = patched(pod, (await answer(pod)).review);
    const replaced = structuredClone(once);
    replaced.metadata.annotations[EXCLUDED] = 'cache';
    t.same(patched(replaced, (await answer(replaced)).review), once);
    t.same(patchOf((await answer(once)).review), []);
  });

  t.test(`warns where ${kind} tells Velero to copy them, which it then does`, async (t) => {
    const asking = structuredClone(pod);
    asking.metadata.annotations[INCLUDED] = 'data,aws-secrets,secrets';
    const { warnings } = (await answer(asking)).review.response;
    t.match(warnings, [/^backup.velero.io\/backup-volumes: Velero would copy the secrets in volume "(aws-)?secrets"/]);
  });
}
