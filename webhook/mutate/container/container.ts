/**
 * Makes the injected container. It passes Pod Security `restricted` in every pod, as it leaves nothing to the pod's
 * defaults.
 */

import type { InjectorConfig } from '../../../injector/contract/config.ts';
import {
  CA_DIRECTORY,
  CONFIG_ENV,
  KUBERNETES_DIRECTORY,
  POD_NAME_ENV,
  POD_UID_ENV,
  TOKEN_DIRECTORY,
} from '../../../injector/contract/names.ts';
import { RESTART_EXIT_CODE, WAIT_COMMAND } from '../../../injector/contract/rotation.ts';
import {
  RUNTIME_VARIABLES,
  type RuntimeVariable,
  SIDECAR_VARIABLES,
} from '../../../injector/contract/runtime-variables.ts';
import { type Refusal, refusal } from '../../errors.ts';
import { CONTAINER, SENTINEL_CONTAINER, VOLUMES } from '../../pod/names.ts';
import type { Container, Pod, Resources, Variable } from '../../pod/pod.ts';
import { share } from '../../pod/shared.ts';
import type { Previous } from '../../reinvocation/previous.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { isSentinel } from '../environment/sentinel.ts';
import type { FilledVolume } from './size.ts';
import type { RunAs } from './user.ts';

/** The program in the injector's image. */
const PROGRAM = '/aws-secrets-injector';

/**
 * The variables that nobody else may set in our containers, see {@link RUNTIME_VARIABLES}. One without a value is
 * empty.
 */
export const RUNTIME_ENV = RUNTIME_VARIABLES.map(toVariable);

function toVariable({ name, value }: RuntimeVariable): Variable {
  return value === undefined ? { name } : { name, value };
}

type Parts = {
  /** The encoded configuration. */
  readonly configText: string;
  readonly config: InjectorConfig;
  readonly settings: AdmissionSettings;
  readonly user: RunAs;
  readonly resources: NonNullable<Resources>;
  readonly filled: readonly FilledVolume[];
};

type Shared = { readonly container: Container; readonly settings: AdmissionSettings; readonly key: string };

/** The last shared container of each configuration, and what it was made from besides. */
const lastShared = new WeakMap<InjectorConfig, Shared>();

/** A key has about 100 characters. Longer ones, with resources that Kubernetes does not take, are not kept. */
const LONGEST_KEY = 1000;

/** Returns the same as {@link makeContainer}, as one object for all pods of a Deployment. The configuration must be that of many pods. */
export function shareContainer(parts: Parts): Container {
  const { config, settings, user, resources } = parts;
  const key = JSON.stringify([user, resources]);
  const last = lastShared.get(config);
  if (last?.key === key && last.settings === settings) return last.container;
  const container = makeContainer(parts);
  if (key.length > LONGEST_KEY) return container;
  lastShared.set(config, { container: share(container), settings, key });
  return container;
}

/** Returns the injected container as the webhook writes it into a pod that has none. */
export function makeContainer({ configText, config, settings, user, resources, filled }: Parts): Container {
  return {
    name: CONTAINER,
    image: settings.injector.image,
    imagePullPolicy: settings.injector.pullPolicy,
    env: [
      { name: CONFIG_ENV, value: configText },
      { name: POD_NAME_ENV, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...(config.sync ? [{ name: POD_UID_ENV, valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }] : []),
      ...RUNTIME_ENV,
      ...(config.rotation ? SIDECAR_VARIABLES.map(toVariable) : []),
    ],
    ...(config.rotation && sidecar(config.rotation)),
    resources,
    securityContext: {
      ...user,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [
      ...filled.map(({ name, directory }) => ({ name, mountPath: directory })),
      { name: VOLUMES.token, mountPath: TOKEN_DIRECTORY, readOnly: true },
      ...(config.aws?.caBundleConfigMap ? [{ name: VOLUMES.ca, mountPath: CA_DIRECTORY, readOnly: true }] : []),
      ...(config.sync ? [{ name: VOLUMES.kubernetes, mountPath: KUBERNETES_DIRECTORY, readOnly: true }] : []),
    ],
  };
}

/**
 * Returns what makes the injected container a native sidecar. The hook keeps the containers behind it until the files are
 * there. It never fails: the main process ends by itself, so that the status of the pod has its message and exit code.
 */
function sidecar({ restart }: NonNullable<InjectorConfig['rotation']>): Omit<Container, 'name'> {
  const exitCodes = { operator: 'In', values: [RESTART_EXIT_CODE] };
  return {
    restartPolicy: 'Always',
    ...(restart === 'pod' && { restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes }] }),
    lifecycle: { postStart: { exec: { command: [PROGRAM, WAIT_COMMAND] } } },
  };
}

/**
 * Returns a refusal if the container of the previous injection lost what makes it a sidecar. Another webhook removed it
 * that knows an older Kubernetes, and may remove it again after this one.
 */
export function refuseStripped({ config, container }: Previous): Refusal[] {
  const { rotation } = config;
  if (!rotation) return [];
  const isWhole = Object.keys(sidecar(rotation)).every((member) => container[member] != null);
  return isWhole ? [] : [refusal('ASI_ADMIT_ROTATION_STRIPPED')];
}

/** Returns a refusal for each name of our containers that a container of somebody else has. */
export function refuseContainers(pod: Pod, previous: Previous | undefined): Refusal[] {
  const { containers, initContainers } = pod.spec;
  const isNamed = (list: readonly Container[] | null | undefined, name: string) =>
    list?.some((container) => container.name === name) ?? false;
  const isForeign = (name: string) =>
    name === CONTAINER ? !previous : !initContainers?.some((container) => isSentinel(container));
  return [CONTAINER, SENTINEL_CONTAINER].flatMap((name) => {
    if (!isNamed(containers, name) && !(isNamed(initContainers, name) && isForeign(name))) return [];
    return refusal(
      'ASI_ADMIT_NAME_TAKEN',
      `The pod has a container "${name}" of its own, a name that the injector needs: rename or remove it.`,
    );
  });
}
