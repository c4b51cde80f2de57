/** The two volumes: the secrets in memory, and the token that buys them. */
import { Refusal } from '../errors.ts';
import { SECRETS_VOLUME, TOKEN_VOLUME } from '../names.ts';
import type { Pod, Volume } from '../pod.ts';
import { bytes } from './quantity.ts';

/** EKS's own token lives as long: the kubelet renews it for the pod's whole life, at a request to the API server each time. */
const TOKEN_SECONDS = 86_400;

const AUDIENCE = 'sts.amazonaws.com';

export function volumesFor(size: number): [Volume, Volume] {
  const token = { audience: AUDIENCE, expirationSeconds: TOKEN_SECONDS, path: 'token' };
  return [
    { name: SECRETS_VOLUME, emptyDir: { medium: 'Memory', sizeLimit: bytes(size) } },
    { name: TOKEN_VOLUME, projected: { sources: [{ serviceAccountToken: token }] } },
  ];
}

/** Puts the volumes into the pod: in the place of ours where it has them, else at the end. */
export function placeVolumes(pod: Pod, volumes: readonly Volume[]): void {
  const list = pod.spec.volumes ?? [];
  pod.spec.volumes = list;
  for (const volume of volumes) {
    const index = list.findIndex(({ name }) => name === volume.name);
    if (index === -1) list.push(volume);
    else list[index] = volume;
  }
}

/** Volumes with our names that are something else: someone's own, never to be mounted as ours. */
export function takenVolumes(pod: Pod): Refusal[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.name === SECRETS_VOLUME ? isMemory(volume) : volume.name !== TOKEN_VOLUME || isToken(volume)) return [];
    return new Refusal(
      'ASI_ADMIT_NAME_TAKEN',
      `The pod has a volume "${volume.name}" of its own, a name that the injector needs: rename the volume.`,
    );
  });
}

export function hasVolumes(pod: Pod): boolean {
  const names = new Set(pod.spec.volumes?.map(({ name }) => name));
  return names.has(SECRETS_VOLUME) && names.has(TOKEN_VOLUME);
}

function isMemory(volume: Volume): boolean {
  const { emptyDir } = volume as { emptyDir?: { medium?: unknown } };
  return emptyDir?.medium === 'Memory';
}

function isToken(volume: Volume): boolean {
  type Source = { serviceAccountToken?: { audience?: unknown } };
  const { projected } = volume as { projected?: { sources?: Source[] } };
  const sources = projected?.sources ?? [];
  return sources.length === 1 && sources[0]?.serviceAccountToken?.audience === AUDIENCE;
}
