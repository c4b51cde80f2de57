/** Chooses the containers that get the mounts and the variables. */
import type { Declaration } from '../declare/declaration.ts';
import type { Container, Pod } from '../pod/pod.ts';

/** Puts containers beside those of the user, whose images have no shell. They need no secret, and env-delivery: shell could not start them. */
type Platform = {
  /** The label that the platform sets on its pods; absent if the names of its containers are enough. */
  readonly label?: string;
  readonly names: ReadonlySet<string>;
};

const PLATFORMS: readonly Platform[] = [
  // https://github.com/argoproj/argo-workflows/blob/main/workflow/common/common.go
  { label: 'workflows.argoproj.io/workflow', names: new Set(['init', 'wait']) },
  // https://github.com/tektoncd/pipeline/blob/main/pkg/pod/pod.go
  {
    label: 'tekton.dev/taskRun',
    names: new Set([
      ...['prepare', 'place-scripts', 'place-tools', 'working-dir-initializer'],
      'sidecar-tekton-log-results',
    ]),
  },
  // https://github.com/knative/serving/blob/main/pkg/reconciler/revision/resources/queue.go
  { label: 'serving.knative.dev/revision', names: new Set(['queue-proxy']) },
  // https://istio.io and https://linkerd.io: injected by hand, or before this webhook is called.
  {
    names: new Set([
      ...['istio-init', 'istio-proxy', 'istio-validation'],
      ...['linkerd-init', 'linkerd-network-validator', 'linkerd-proxy'],
    ]),
  },
];

/**
 * Returns the containers that the annotation `containers` names, else all, among those that are served: they run after the injected one.
 * Without that annotation, `env-delivery: shell` leaves out the sidecars of platforms.
 */
export function receiversOf(
  pod: Pod,
  served: readonly Container[],
  { delivery, containers }: Pick<Declaration, 'delivery' | 'containers'>,
): readonly Container[] {
  if (containers) {
    const names = new Set(containers);
    return served.filter(({ name }) => names.has(name));
  }
  if (delivery !== 'shell') return served;
  const isHelper = platformHelpers(pod);
  return served.filter((container) => !isHelper(container));
}

/** Returns a test for containers of the pod that belong to its platform, and not to its user. */
function platformHelpers({ metadata }: Pod): (container: Container) => boolean {
  const present = PLATFORMS.filter(({ label }) => label === undefined || metadata.labels?.[label] !== undefined);
  return ({ name }) => present.some(({ names }) => names.has(name));
}
