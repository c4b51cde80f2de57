/** Makes pods that come to the webhook a second time, after other webhooks or people have changed them. */
import type { Test } from 'tap';
import { admissionOf, DB_CLASS, type Json } from './admission.ts';
import { annotationsOf } from './annotations.ts';

type Variable = { name: string; value?: string; valueFrom?: { fileKeyRef?: { path: string; optional?: boolean } } };
type Container = { name: string; command?: string[]; env?: Variable[]; volumeMounts?: Json[]; [key: string]: unknown };
export type Pod = {
  metadata: { annotations: Record<string, string>; labels?: Record<string, string> };
  spec: { containers: Container[]; initContainers: Container[]; volumes: Json[] };
};

/** A container of ours, which has all lists that a test changes. */
export type OwnContainer = { name: string; [key: string]: unknown; env: Json[]; volumeMounts: Json[]; resources: Json };
export type PodWithOurs = Omit<Pod, 'spec'> & {
  spec: { containers: OwnContainer[]; initContainers: OwnContainer[]; volumes: Json[] };
};

/** Returns a new pod with these annotations of ours, whose container `app` has these fields too. */
export function podOf(annotations: Record<string, string>, container: Json = {}, spec: Json = {}): Json {
  return {
    metadata: { annotations: annotationsOf(annotations) },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'x', ...container }], ...spec },
  };
}

/** Returns a new pod with a CSI volume of {@link DB_CLASS}, and a variable from the Secret that the driver would make of it. */
export function podWithVolume(annotations: Record<string, string> = {}, spec: Json = {}): Json {
  const csi = { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass: 'db' } };
  const env = [{ name: 'DB', valueFrom: { secretKeyRef: { name: 'db', key: 'all' } } }];
  const volumeMounts = [{ name: 'secrets', mountPath: '/mnt/secrets-store' }];
  return podOf(annotations, { env, volumeMounts }, { volumes: [{ name: 'secrets', csi }], ...spec });
}

/** Returns the containers that the injection has added. */
export function ours(pod: Pod): Container[] {
  return pod.spec.initContainers.filter(({ name }) => name.startsWith('aws-secrets-injector'));
}

/** Returns how pods are admitted where all nodes deliver variables themselves. */
export function admissionOnNewNodes(t: Pick<Test, 'equal'>) {
  return admissionOf<Pod>(t, `${DB_CLASS}---\n{}\n`);
}

/** A cluster in which all CSI volumes are taken over, and each pod with variables gets both of our containers. */
export const WITH_SENTINEL = `${DB_CLASS}---
kind: Facts
settings: { takeOverCsiVolumes: all }
envFiles: { everyNode: false }
---
{}
`;

/** Returns how pods are admitted in this cluster, and the two kinds of pods that get both of our containers. */
export function admissionWithSentinel(t: Pick<Test, 'equal'>) {
  const { answer, admitted } = admissionOf<PodWithOurs>(t, WITH_SENTINEL);
  const takenOver = () => admitted(podWithVolume());
  const pods = {
    'a pod that declares secrets': () => admitted(podOf({ files: 'password: app/db#password', env: 'A: app/db#a' })),
    'a pod whose volume was taken over': takenOver,
  };
  return { answer, admitted, takenOver, pods };
}

/** Returns the sources of the volume with our token. */
export function tokenOf(volumes: readonly Json[]): Json[] {
  const [projected] = volumes.flatMap(({ name, projected }) => (name === 'aws-secrets-token' ? [projected] : []));
  return (projected as { sources: Json[] }).sources;
}
