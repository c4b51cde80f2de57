/**
 * Reads once what a pod asks for: its annotation `inject`, the volumes of the Secrets Store CSI driver that the
 * injector may take over, and the previous injection. Everything that decides about the pod is handed this.
 */
import { PREFIX } from '../declare/annotations.ts';
import type { CsiVolume, ProviderClass } from '../declare/provider-class.ts';
import { parseBoolean } from '../declare/values.ts';
import type { Pod } from '../pod/pod.ts';
import { type Previous, readPrevious } from '../reinvocation/previous.ts';
import type { AdmissionSettings } from '../settings.ts';

export type Candidate = {
  /** The pod with the references to Secrets that the shells of its containers replace since a previous injection. */
  readonly pod: Pod;
  readonly annotations: Readonly<Record<string, string>>;
  /**
   * The value of the annotation `inject`; undefined if it is absent, and true if it can not be read, so that it is
   * refused.
   */
  readonly inject: boolean | undefined;
  /** The CSI volumes that may be taken over: all or none, as `inject` says, else as the chart says. */
  readonly volumes: readonly CsiVolume[];
  readonly previous: Previous | undefined;
};

/** The name of the driver in the volume of a pod. https://secrets-store-csi-driver.sigs.k8s.io */
const DRIVER = 'secrets-store.csi.k8s.io';

/** Returns the pod with what is read from it. `mode` is the chart's setting for CSI volumes. */
export function readCandidate(pod: Pod, mode: AdmissionSettings['takeOverCsiVolumes']): Candidate {
  const { annotations } = pod.metadata;
  const inject = readInject(annotations?.[`${PREFIX}inject`]);
  const volumes = (inject ?? isTakeOverDefault(pod, mode)) ? csiVolumesOf(pod) : [];
  const previous = readPrevious(pod);
  return { pod: previous?.pod ?? pod, annotations: annotations ?? {}, inject, volumes, previous };
}

/** Returns the candidate as it would be without its annotation `inject`. */
export function withoutInject(
  { pod, annotations, ...others }: Candidate,
  mode: AdmissionSettings['takeOverCsiVolumes'],
): Candidate {
  const { [`${PREFIX}inject`]: _, ...rest } = annotations;
  const volumes = isTakeOverDefault(pod, mode) ? csiVolumesOf(pod) : [];
  return { ...others, pod, annotations: rest, inject: undefined, volumes };
}

/**
 * Returns the volumes that the injector takes over. A volume of another provider than AWS is left to the driver, unless
 * the pod itself asks for the injection.
 */
export function volumesToTakeOver(
  { inject, volumes }: Candidate,
  classes: ReadonlyMap<string, ProviderClass | undefined>,
): readonly CsiVolume[] {
  if (inject) return volumes;
  return volumes.filter(({ className }) => (classes.get(className)?.provider || 'aws') === 'aws');
}

/**
 * Returns whether the pod runs on Fargate, where no DaemonSet runs and so neither the CSI driver nor the Pod Identity
 * agent. https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
 */
export function isFargate({ metadata, spec }: Pod): boolean {
  return (
    spec.schedulerName === 'fargate-scheduler' || metadata.labels?.['eks.amazonaws.com/fargate-profile'] !== undefined
  );
}

function isTakeOverDefault(pod: Pod, mode: AdmissionSettings['takeOverCsiVolumes']): boolean {
  return mode === 'all' || (mode === 'fargate' && isFargate(pod));
}

function readInject(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const parsed = parseBoolean(text);
  return parsed.ok ? parsed.value : true;
}

function csiVolumesOf({ spec }: Pod): CsiVolume[] {
  return (spec.volumes ?? []).flatMap(({ name, csi }) => {
    if (csi?.driver !== DRIVER) return [];
    const attributes = csi.volumeAttributes ?? {};
    const { secretProviderClass: className = '' } = attributes;
    return { name, className, attributes, readOnly: csi.readOnly === true };
  });
}
