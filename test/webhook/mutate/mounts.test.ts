/** Files that are mounted one by one at absolute paths: edited copies, later containers, and how many there may be. */
import t from 'tap';
import { decodeConfig } from '../../../injector/contract/encode.ts';
import { pathsBySubPath } from '../../../webhook/mutate/mounts.ts';
import { answerTo, type Json, patched, patchOf } from '../support/admission.ts';
import { annotationsOf } from '../support/annotations.ts';

type Container = { name: string; volumeMounts?: Json[]; env?: { value?: string }[] };
type Pod = {
  metadata: { annotations: Record<string, string> };
  spec: { containers: Container[]; initContainers: Container[]; volumes: { name: string }[] };
};

function podOf(files: Record<string, string>, containers = ['app'], own: Record<string, string> = {}): Pod {
  const pod = {
    metadata: { annotations: annotationsOf({ files: JSON.stringify(files), ...own }) },
    spec: { serviceAccountName: 'app', containers: containers.map((name) => ({ name, image: 'x' })) },
  };
  return pod as unknown as Pod;
}

async function admitted(pod: Pod): Promise<Pod> {
  const { review } = await answerTo(pod);
  t.equal(review.response.status?.message, undefined);
  return patched(pod, review);
}

const pathsOf = (container: Container | undefined) => container?.volumeMounts?.map(({ mountPath }) => mountPath);

t.test('an edited copy has the mounts and volumes that it declares now, and no others', async (t) => {
  const pod = await admitted(podOf({ '/opt/a': 'shop/a', '/opt/b': 'shop/b', c: 'shop/c' }));
  pod.metadata.annotations = annotationsOf({ files: '/opt/b: shop/b' });
  const after = await admitted(pod);
  t.same(pathsOf(after.spec.containers[0]), ['/opt/b']);
  t.same(
    after.spec.volumes.map(({ name }) => name),
    ['aws-secrets-files', 'aws-secrets-token'],
  );
});

t.test('a container that another webhook added later gets no file unless it is named', async (t) => {
  const pod = await admitted(podOf({ '/opt/a': 'shop/a' }));
  pod.spec.containers.push({ name: 'mesh' });
  t.same(patchOf((await answerTo(pod)).review), []);
  const named = await admitted(podOf({ '/opt/a': 'shop/a' }, ['app'], { containers: 'app,late' }));
  named.spec.containers.push({ name: 'late' });
  t.same(pathsOf((await admitted(named)).spec.containers[1]), ['/opt/a']);
});

t.test("a mount of the user's own of that volume stays", async (t) => {
  const pod = podOf({ '/opt/a': 'shop/a' });
  const own = { name: 'aws-secrets-files', mountPath: '/mine', subPath: 'opt/a', readOnly: true };
  Object.assign(pod.spec.containers[0] ?? {}, { volumeMounts: [own] });
  t.same((await admitted(pod)).spec.containers[0]?.volumeMounts?.[0], own);
});

t.test('a file that the app could not read for its mode is refused', async (t) => {
  const { review } = await answerTo(podOf({}, ['app'], { files: '/opt/a: { from: shop/a, mode: "0400" }' }));
  t.match(review.response.status?.message, /^ASI_ADMIT_UNREADABLE_MODE: File "\/opt\/a" has mode 0400/);
});

t.test('more mounts than 10,000 are refused before they are made', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`/opt/${index}`, 'shop/a']));
  const { review } = await answerTo(
    podOf(
      files,
      Array.from({ length: 100 }, (_, index) => `c${index}`),
    ),
  );
  t.match(
    review.response.status?.message,
    /^ASI_ADMIT_TOO_LARGE: The containers would get 10100 mounts together, more than 10000: name those that need them in aws-secrets-injector\.dev\/containers\.$/,
  );
});

t.test('says which paths are mounted by subPath, of files and of templates', async (t) => {
  const pod = await admitted(
    podOf({ '/opt/a': 'shop/a', b: 'shop/b' }, ['app'], { templates: '/opt/t: "{{ shop/a }}"' }),
  );
  t.same(pathsBySubPath(decodeConfig(pod.spec.initContainers[0]?.env?.[0]?.value ?? '')), ['/opt/a', '/opt/t']);
});
