/**
 * Makes the injected container. It passes Pod Security `restricted` in every pod, as it leaves nothing to the pod's
 * defaults.
 */

import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { CA_DIRECTORY, CONFIG_ENV, POD_NAME_ENV, TOKEN_DIRECTORY } from '../../../injector/contract/names.ts';
import { RUNTIME_VARIABLES } from '../../../injector/contract/runtime-variables.ts';
import { type Refusal, refusal } from '../../errors.ts';
import { CA_VOLUME, CONTAINER, SENTINEL_CONTAINER, TOKEN_VOLUME } from '../../pod/names.ts';
import type { Container, Pod, Resources } from '../../pod/pod.ts';
import type { Previous } from '../../reinvocation/previous.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { isSentinel } from '../environment/sentinel.ts';
import type { FilledVolume } from './size.ts';
import type { RunAs } from './user.ts';

/**
 * The variables that nobody else may set in our containers, see {@link RUNTIME_VARIABLES}. One without a value is
 * empty.
 */
export const RUNTIME_ENV = RUNTIME_VARIABLES.map(({ name, value }) =>
  value === undefined ? { name } : { name, value },
);

type Parts = {
  /** The encoded configuration. */
  readonly configText: string;
  readonly config: InjectorConfig;
  readonly settings: AdmissionSettings;
  readonly user: RunAs;
  readonly resources: NonNullable<Resources>;
  readonly filled: readonly FilledVolume[];
};

/** Returns the injected container as the webhook writes it into a pod that has none. */
export function makeContainer({ configText, config, settings, user, resources, filled }: Parts): Container {
  return {
    name: CONTAINER,
    image: settings.injector.image,
    imagePullPolicy: settings.injector.pullPolicy,
    env: [
      { name: CONFIG_ENV, value: configText },
      { name: POD_NAME_ENV, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...RUNTIME_ENV,
    ],
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
      { name: TOKEN_VOLUME, mountPath: TOKEN_DIRECTORY, readOnly: true },
      ...(config.aws?.caBundleConfigMap ? [{ name: CA_VOLUME, mountPath: CA_DIRECTORY, readOnly: true }] : []),
    ],
  };
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
