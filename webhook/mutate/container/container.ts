/**
 * Makes the injected container, and finds that of an earlier pass. It passes Pod Security `restricted` in every pod, as it
 * leaves nothing to the pod's defaults.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  CONFIG_ENV,
  CONFIG_LIMIT,
  ConfigError,
  decodeConfig,
  encodeConfig,
  type InjectorConfig,
  POD_NAME_ENV,
  RUNTIME_VARIABLES,
  TOKEN_DIRECTORY,
} from '../../../injector/config.ts';
import { recent } from '../../declare/recent.ts';
import { type Refusal, refusal } from '../../errors.ts';
import { CONTAINER, SENTINEL_CONTAINER, TOKEN_VOLUME } from '../../pod/names.ts';
import type { Container, Pod, Resources } from '../../pod/pod.ts';
import type { AdmissionSettings } from '../../settings.ts';
import { isSentinel } from '../environment/sentinel.ts';
import type { Filled } from './size.ts';
import type { RunAs } from './user.ts';

/** The variables that no one else may set in our containers: see {@link RUNTIME_VARIABLES}. Without a value they are empty. */
export const RUNTIME_ENV = RUNTIME_VARIABLES.map(({ name, value }) =>
  value === undefined ? { name } : { name, value },
);

type Parts = {
  /** The encoded configuration. */
  readonly configText: string;
  readonly settings: AdmissionSettings;
  readonly user: RunAs;
  readonly resources: NonNullable<Resources>;
  readonly filled: readonly Filled[];
};

/** Returns the injected container as the webhook writes it into a pod that has none. */
export function containerFor({ configText, settings, user, resources, filled }: Parts): Container {
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
    ],
  };
}

export type Ours = {
  readonly container: Container;
  /** The configuration as it stands in the pod, and as it was read. Pods of one Deployment share it, so nobody may change it. */
  readonly text: string;
  readonly config: InjectorConfig;
};

const known = recent<InjectorConfig | undefined>((config) => JSON.stringify(config ?? '').length);

/**
 * Returns the injected container of an earlier pass: the first init container of our name, if it has a configuration that can
 * be read. Undefined means that the pod has none.
 */
export function findOurs(pod: Pod): Ours | undefined {
  const container = pod.spec.initContainers?.find(({ name }) => name === CONTAINER);
  const text = container?.env?.find(({ name }) => name === CONFIG_ENV)?.value;
  if (!container || text == null || text.length > CONFIG_LIMIT) return undefined;
  const config = known(text, () => readConfig(text));
  return config && { container, text, config };
}

function readConfig(text: string): InjectorConfig | undefined {
  try {
    return decodeConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Returns a refusal for each of our names that a container has which is not ours. */
export function takenContainers(pod: Pod): Refusal[] {
  const { containers, initContainers } = pod.spec;
  const isNamed = (list: readonly Container[] | null | undefined, name: string) =>
    list?.some((container) => container.name === name) ?? false;
  const isForeign = (name: string) =>
    name === CONTAINER ? !findOurs(pod) : !initContainers?.some((container) => isSentinel(container));
  return [CONTAINER, SENTINEL_CONTAINER].flatMap((name) => {
    if (!isNamed(containers, name) && !(isNamed(initContainers, name) && isForeign(name))) return [];
    return refusal(
      'ASI_ADMIT_NAME_TAKEN',
      `The pod has a container "${name}" of its own, a name that the injector needs: rename or remove it.`,
    );
  });
}

/**
 * Returns the configuration as our container has it, so that an equal one does not change the pod. The kubelet would expand
 * `$(NAME)` in it, which no configuration of ours has: then it is written again.
 */
export function keptText({ text, config }: Ours): string {
  return text.includes('$') ? encodeConfig(config) : text;
}

/** Returns whether the container has the wanted configuration, even if the text is another, with defaults written out. */
export function hasSameConfig({ text, config }: Ours, wanted: InjectorConfig): boolean {
  if (config === wanted) return true;
  const encoded = encodeConfig(wanted);
  return encoded === text || isDeepStrictEqual(config, decodeConfig(encoded));
}
