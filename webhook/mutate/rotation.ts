/**
 * Decides whether the secrets of a pod are watched while it runs, and refuses what the pod or the cluster can not do
 * about a change. The injected container of such a pod is a native sidecar.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { isPinned } from '../../injector/contract/source.ts';
import { isAtLeast, RESTART_ALL_CONTAINERS, SIDECARS } from '../admission/kubernetes-version.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { type Refusal, refusal } from '../errors.ts';
import { VOLUMES } from '../pod/names.ts';
import type { Container, Pod } from '../pod/pod.ts';
import { uidOf } from './container/user.ts';
import type { Layout, Plan } from './layout.ts';

type Rotation = NonNullable<InjectorConfig['rotation']>;

/** The annotations that say what happens after a change, by their members of the declaration. */
const ACTIONS = { notify: 'rotation-notify', signal: 'rotation-signal', restart: 'rotation-restart' } as const;

/**
 * Returns the rotation of the pod, or undefined if its secrets are read once. `chartSeconds` is the interval of pods
 * that name none. It is not for pods which run to their end: a sidecar is restarted even in a pod that never restarts,
 * so that a failure would not fail a Job. Nor is it for pods whose values can not change.
 */
export function chooseRotation(pod: Pod, declaration: Declaration, chartSeconds?: number): Rotation | undefined {
  const isLeftOut = runsToItsEnd(pod.spec) || !canChange(declaration);
  const seconds = declaration.rotation ?? (isLeftOut ? undefined : chartSeconds);
  if (seconds === undefined || seconds === 'never') return undefined;
  const { notify, signal, restart } = declaration;
  return { seconds, ...(notify && { notify }), ...(signal && { signal }), ...(restart && { restart }) };
}

/** The last thing that happens after a change. `none`: the files are new, and the app is told nothing. */
export const ROTATION_ACTIONS = ['none', 'notify', 'signal', 'restart-container', 'restart-pod'] as const;

export type RotationAction = (typeof ROTATION_ACTIONS)[number];

/** Returns the last thing that happens after a change. */
export function actionOf({ notify, signal, restart }: Rotation): RotationAction {
  if (restart) return `restart-${restart}`;
  if (signal) return 'signal';
  return notify === undefined ? 'none' : 'notify';
}

/** Returns a refusal for each thing that the pod asks for after a change and that can not be done. */
export function refuseRotation(pod: Pod, plan: Plan, layout: Layout): Refusal[] {
  const { rotation } = plan.config;
  if (!rotation) return refuseActions(plan);
  const tooOld = refuseVersion(rotation, plan);
  const { signal, restart } = rotation;
  // From Kubernetes 1.34 on, a container may have a policy of its own.
  const ending = [pod.spec, ...layout.chosen.filter(runsBeside(pod))].find(runsToItsEnd);
  if (restart === 'container' && ending) return [...tooOld, refuseEnd(ending)];
  return restart === 'container' || signal ? [...tooOld, ...refuseProcesses(pod, rotation, layout)] : tooOld;
}

/** Refuses what is to happen after a change in a pod that nobody watches, unless only its restart policy is in the way. */
function refuseActions({ declaration, settings }: Plan): Refusal[] {
  const { notify, signal, restart } = declaration;
  if ((notify ?? signal ?? restart) === undefined) return [];
  if (declaration.rotation === undefined && settings.injector.rotation !== undefined) return [];
  return Object.entries(ACTIONS).flatMap(([member, name]) => {
    if (declaration[member as keyof typeof ACTIONS] === undefined) return [];
    return refusal(
      'ASI_ADMIT_ROTATION',
      `${name}: nothing looks for changes; set ${PREFIX}rotation to an interval, like 1h, or remove ${PREFIX}${name}.`,
    );
  });
}

function refuseVersion({ restart }: Rotation, { declaration, serverVersion }: Plan): Refusal[] {
  if (!serverVersion) return [];
  const server = `the API server is ${serverVersion.major}.${serverVersion.minor}`;
  if (!isAtLeast(serverVersion, SIDECARS)) {
    const cause = declaration.rotation === undefined ? 'the chart value injector.rotation' : 'the interval';
    const message =
      `rotation: ${server}, and ${cause} needs the sidecars of Kubernetes 1.29; ` +
      `set ${PREFIX}rotation to never, or upgrade the cluster.`;
    return [refusal('ASI_ADMIT_ROTATION_VERSION', message)];
  }
  if (restart !== 'pod' || isAtLeast(serverVersion, RESTART_ALL_CONTAINERS)) return [];
  const message =
    `rotation-restart: ${server}, and a container can restart its whole pod from Kubernetes 1.36 on; ` +
    `set ${PREFIX}rotation-restart to container, or use ${PREFIX}rotation-notify, or upgrade the cluster.`;
  return [refusal('ASI_ADMIT_ROTATION_VERSION', message)];
}

function refuseEnd({ restartPolicy }: Restarted): Refusal {
  return refusal(
    'ASI_ADMIT_ROTATION',
    `rotation-restart: with restartPolicy ${restartPolicy} a container that is sent TERM may end for good; ` +
      `remove ${PREFIX}rotation-restart.`,
  );
}

/**
 * Refuses to signal processes that the sidecar does not see, or that are another user's. It has no capability, so the
 * kernel lets it signal its own user's processes only: https://man7.org/linux/man-pages/man2/kill.2.html
 */
function refuseProcesses(pod: Pod, { restart }: Rotation, { chosen, user }: Layout): Refusal[] {
  const name = restart === 'container' ? ACTIONS.restart : ACTIONS.signal;
  if (pod.spec.shareProcessNamespace !== true) {
    const message = `${name}: the processes of other containers are needed; set shareProcessNamespace: true in the pod, or use ${PREFIX}rotation-notify.`;
    return [refusal('ASI_ADMIT_ROTATION_SIGNAL', message)];
  }
  return chosen.filter(runsBeside(pod)).flatMap((container) => {
    const uid = uidOf(container, pod);
    if (uid === user.runAsUser) return [];
    return refusal(
      'ASI_ADMIT_ROTATION_SIGNAL',
      `${name}: container "${echo(container.name)}" runs as ${uid === undefined ? 'the user of its image' : `user ${uid}`}, ` +
        `whom the injected one, of user ${user.runAsUser}, may not signal; give all containers one runAsUser other than 0, ` +
        `or leave it out of ${PREFIX}containers.`,
    );
  });
}

/** Returns warnings about what a change does not reach, and about a pod that the interval of the chart is not for. */
export function warnOfRotation(pod: Pod, { declaration, config, settings }: Plan, { filled, shell }: Layout): string[] {
  const { rotation, environment } = config;
  const { restartPolicy } = pod.spec;
  if (!rotation) {
    const isLeftOut = declaration.rotation === undefined && settings.injector.rotation !== undefined;
    return isLeftOut && canChange(declaration)
      ? [`restartPolicy ${restartPolicy}: secrets are read once, unless ${PREFIX}rotation is set`]
      : [];
  }
  const never = `${PREFIX}rotation: in a pod that never restarts, a failure is retried and fails no Job`;
  const warnings = restartPolicy === 'Never' ? [never] : [];
  if (!canChange(declaration))
    warnings.push(`${PREFIX}rotation: every object names its version, so that nothing changes`);
  if (rotation.restart) return warnings;
  const hasVariables = shell.length > 0 || environment?.delivery === 'kubelet';
  if (hasVariables) warnings.push(`${PREFIX}rotation: variables stay the same until their container restarts`);
  const volumes = new Set(filled.map(({ name }) => name).filter((name) => name !== VOLUMES.environment));
  const staying = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].filter(runsBeside(pod));
  const fixed = staying.filter(({ volumeMounts }) =>
    volumeMounts?.some(({ name, subPath, subPathExpr }) => (subPath || subPathExpr) && volumes.has(name)),
  );
  return [
    ...warnings,
    ...fixed.map(({ name }) => `container "${echo(name)}": what it mounts by subPath stays the same until it restarts`),
  ];
}

/** Returns whether a value may change. What a search finds may. */
function canChange({ objects, searches }: Pick<Declaration, 'objects' | 'searches'>): boolean {
  return searches.length > 0 || !objects.every(isPinned);
}

type Restarted = Pick<Container, 'restartPolicy'>;

/** Returns whether the pod or container has a restart policy with which it ends. The API server writes a pod's default, Always. */
function runsToItsEnd({ restartPolicy }: Restarted): boolean {
  return restartPolicy === 'Never' || restartPolicy === 'OnFailure';
}

/** Returns a function that says whether a container runs beside the app: it is one of the app's, or a sidecar itself. */
function runsBeside({ spec }: Pod): (container: Container) => boolean {
  const app = new Set(spec.containers);
  return (container) => app.has(container) || container.restartPolicy === 'Always';
}
