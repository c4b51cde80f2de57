/** Which of a pod's volumes the injector fills in the Secrets Store CSI driver's place. */
import { PREFIX } from '../declare/annotations.ts';
import type { CsiVolume, ProviderClass } from '../declare/provider-class.ts';
import { parseBoolean } from '../declare/values.ts';
import type { Pod } from '../pod/pod.ts';
import type { AdmissionSettings } from '../settings.ts';

const DRIVER = 'secrets-store.csi.k8s.io';

/** The volumes that may be taken over: `inject` says so for one pod, else the chart does. */
export function csiVolumes(pod: Pod, mode: AdmissionSettings['takeOverCsiVolumes']): readonly CsiVolume[] {
  const asked = isAsked(pod);
  const isDefault = mode === 'all' || (mode === 'fargate' && isFargate(pod));
  return (asked ?? isDefault) ? volumesOf(pod) : [];
}

/** Those of them that are ours: another provider's are left alone, unless the pod itself asks for the injection. */
export function ourVolumes(
  pod: Pod,
  volumes: readonly CsiVolume[],
  classes: ReadonlyMap<string, ProviderClass | undefined>,
): readonly CsiVolume[] {
  if (isAsked(pod)) return volumes;
  return volumes.filter(({ className }) => (classes.get(className)?.provider || 'aws') === 'aws');
}

/** Whether Fargate runs the pod, where nothing can run on the node beside it. */
export function isFargate({ metadata, spec }: Pod): boolean {
  return (
    spec.schedulerName === 'fargate-scheduler' || metadata.labels?.['eks.amazonaws.com/fargate-profile'] !== undefined
  );
}

/** Whether the pod wants nothing of us. */
export function isSwitchedOff(pod: Pod): boolean {
  return isAsked(pod) === false;
}

/** What can't be understood asks too, so that it is refused. */
function isAsked({ metadata }: Pod): boolean | undefined {
  const text = metadata.annotations?.[`${PREFIX}inject`];
  if (text === undefined) return undefined;
  const read = parseBoolean(text);
  return read.ok ? read.value : true;
}

function volumesOf({ spec }: Pod): CsiVolume[] {
  return (spec.volumes ?? []).flatMap(({ name, csi }) => {
    if (csi?.driver !== DRIVER) return [];
    const attributes = csi.volumeAttributes ?? {};
    const { secretProviderClass: className = '' } = attributes;
    return { name, className, attributes, readOnly: csi.readOnly === true };
  });
}
