/** Tests which containers of a pod belong to its platform, and not to its user. */
import t from 'tap';
import { receiversOf } from '../../../webhook/mutate/receivers.ts';
import type { Pod } from '../../../webhook/pod/pod.ts';

const HELPERS: Record<string, { label?: string; names: string[] }> = {
  'Argo Workflows': { label: 'workflows.argoproj.io/workflow', names: ['init', 'wait'] },
  Tekton: {
    label: 'tekton.dev/taskRun',
    names: ['prepare', 'place-scripts', 'place-tools', 'working-dir-initializer', 'sidecar-tekton-log-results'],
  },
  Knative: { label: 'serving.knative.dev/revision', names: ['queue-proxy'] },
  Istio: { names: ['istio-init', 'istio-proxy', 'istio-validation'] },
  Linkerd: { names: ['linkerd-init', 'linkerd-network-validator', 'linkerd-proxy'] },
};

/** Returns the containers that a shell is not to start. */
function helpersIn(names: readonly string[], labels: Record<string, string>): string[] {
  const containers = [...names, 'app'].map((name) => ({ name }));
  const pod: Pod = { metadata: { labels }, spec: { containers } };
  const receivers = new Set(receiversOf(pod, containers, { delivery: 'shell' }).map(({ name }) => name));
  return containers.map(({ name }) => name).filter((name) => !receivers.has(name));
}

for (const [platform, { label, names }] of Object.entries(HELPERS)) {
  t.test(`all containers that ${platform} adds are its own, and no other is`, async (t) => {
    t.same(helpersIn(names, label === undefined ? {} : { [label]: '' }), names);
  });
  if (label === undefined) continue;
  t.test(`in a pod without the label of ${platform}, the same names are the user's`, async (t) => {
    t.same(helpersIn(names, { app: 'shop' }), []);
  });
}
