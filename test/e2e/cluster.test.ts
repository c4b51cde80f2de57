/**
 * Tests the product on a real cluster: one installation, an in-memory AWS in this process, and the topics one after another, but
 * at the same time those that mostly wait for a rotation.
 * versions.json has the topics of each version of Kubernetes, and harness/settings.ts the environment variables. All that the test makes is removed at the end, after failures too.
 */
import t, { type Test } from 'tap';
import { retire } from './harness/evidence.ts';
import { loadImages } from './harness/images.ts';
import { install, uninstall } from './harness/install.ts';
import { say } from './harness/progress.ts';
import { readSettings } from './harness/settings.ts';
import { findKubectl } from './harness/tools.ts';
import { topicsOf } from './harness/versions.ts';
import { createWorld, type World } from './harness/world.ts';
import { advice } from './topics/advice.ts';
import { canary } from './topics/canary.ts';
import { certificateRotation } from './topics/certificate-rotation.ts';
import { cli } from './topics/cli.ts';
import { crash } from './topics/crash.ts';
import { drain } from './topics/drain.ts';
import { environment } from './topics/environment.ts';
import { exactPath } from './topics/exact-path.ts';
import { extensions } from './topics/extensions.ts';
import { externalSecrets } from './topics/external-secrets.ts';
import { failover } from './topics/failover.ts';
import { failures } from './topics/failures.ts';
import { firstStart } from './topics/first-start.ts';
import { happyPath } from './topics/happy-path.ts';
import { healing } from './topics/healing.ts';
import { identity } from './topics/identity.ts';
import { jobs } from './topics/jobs.ts';
import { kubeletRestart } from './topics/kubelet-restart.ts';
import { kubernetesSecret } from './topics/kubernetes-secret.ts';
import { manyVariables } from './topics/many-variables.ts';
import { oldKubelet } from './topics/old-kubelet.ts';
import { oldNode } from './topics/old-node.ts';
import { oldServer } from './topics/old-server.ts';
import { outage } from './topics/outage.ts';
import { overload } from './topics/overload.ts';
import { podIdentity } from './topics/pod-identity.ts';
import { provided } from './topics/provided.ts';
import { removal } from './topics/removal.ts';
import { renderings } from './topics/renderings.ts';
import { resources } from './topics/resources.ts';
import { restricted } from './topics/restricted.ts';
import { rotation } from './topics/rotation.ts';
import { rotationFailures } from './topics/rotation-failures.ts';
import { rotationRestarts } from './topics/rotation-restarts.ts';
import { shell } from './topics/shell.ts';
import { takeover } from './topics/takeover.ts';
import { tutorials } from './topics/tutorials.ts';
import { uninjected } from './topics/uninjected.ts';
import { webhookRights } from './topics/webhook-rights.ts';

type Topic = (t: Test, world: World) => Promise<void>;

// Topics in brackets run at the same time: they have namespaces and secrets of their own, and leave the installation as it is.
// The canary searches what the other topics left. After it come the topics that end the installation.
const STEPS: readonly (Topic | readonly Topic[])[] = [
  happyPath,
  restricted,
  jobs,
  failures,
  cli,
  advice,
  identity,
  resources,
  takeover,
  externalSecrets,
  tutorials,
  exactPath,
  environment,
  manyVariables,
  oldNode,
  oldKubelet,
  oldServer,
  shell,
  failover,
  podIdentity,
  extensions,
  outage,
  [kubernetesSecret, rotation, rotationRestarts, rotationFailures],
  kubeletRestart,
  drain,
  certificateRotation,
  crash,
  healing,
  webhookRights,
  firstStart,
  overload,
  uninjected,
  provided,
  canary,
  removal,
  renderings,
];

t.setTimeout(1_800_000);
const settings = readSettings(process.env);
const world = await createWorld(settings, await findKubectl());
const wanted = settings.topics.length > 0 ? settings.topics : topicsOf(world.minor);
const unknown = wanted.filter((topic) => !STEPS.flat().some(({ name }) => name === topic));
if (unknown.length > 0) throw new TypeError(`no such topic: ${unknown}`);
t.teardown(async () => {
  await uninstall(world);
  await world.aws.close();
});
const installed = await t.test('helm installs it with only image names and the way to AWS set', async () => {
  await loadImages(settings);
  await install(world);
});
for (const step of installed?.ok ? STEPS : []) {
  const topics = [step].flat().filter(({ name }) => wanted.includes(name));
  if (topics.length === 0) continue;
  const name = topics.map(({ name }) => name).join(', ');
  say(name);
  await t.test(name, { timeout: 450_000, jobs: topics.length }, async (t) => {
    await Promise.all(topics.map((topic) => t.test(topic.name, (t) => topic(t, world))));
    await retire(world);
  });
}
