/**
 * Makes the cluster of a case: an app that ASCP serves, in the way its manifests are written, and what the webhook knows of the
 * cluster.
 */
import { type Facts, NO_EXTERNAL_SECRETS } from '../../../webhook/admission/facts.ts';
import { type ProviderClass, readSpec } from '../../../webhook/declare/provider-class.ts';
import type { AdmissionSettings } from '../../../webhook/settings.ts';
import { ROLE } from '../../injector/support/world.ts';
import { annotationsOf } from '../../webhook/support/annotations.ts';
import type { Case } from './case.ts';

export const REGION = 'us-west-2';
export const VOLUME = 'secrets-store';
export const CLASS = 'app1';

/** A pod with one CSI volume, unless the case has its own or declares everything in annotations. */
export function podOf(one: Case): unknown {
  if (one.pod !== undefined) return one.pod;
  const mounts = one.volume ?? true;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'app1-7d9-x2x',
      annotations: annotationsOf({ ...one.annotations, ...(one.sync && { sync: 'true' }) }),
      ...(one.owners && { ownerReferences: one.owners.map((owner) => ({ apiVersion: 'apps/v1', ...owner })) }),
    },
    spec: {
      serviceAccountName: 'app1',
      // Every mode is one that the app can read.
      securityContext: { runAsUser: 1000, runAsGroup: 1000 },
      containers: [
        {
          name: 'app',
          image: 'registry.example/app:1',
          volumeMounts: mounts ? [{ name: VOLUME, mountPath: '/mnt/secrets-store', readOnly: true }] : [],
          ...one.container,
        },
      ],
      volumes: mounts ? [csiVolume(one)] : [],
    },
  };
}

function csiVolume({ attributes }: Case) {
  const volumeAttributes = { secretProviderClass: CLASS, ...attributes };
  return { name: VOLUME, csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes } };
}

function classOf({ class: given, objects, parameters, secretObjects = [] }: Case): ProviderClass | undefined {
  if (given === null) return undefined;
  if (given === undefined) {
    const all = { ...parameters, ...(objects !== undefined && { objects }) };
    return readSpec({ provider: 'aws', parameters: all, secretObjects });
  }
  const { provider, ...rest } = given;
  return readSpec({ ...rest, ...(provider !== undefined && { provider }) });
}

export function factsOf(one: Case): Facts {
  const { region = REGION, serviceAccount = { roleArn: ROLE } } = one;
  return {
    roleOf: async () => (serviceAccount.roleArn === undefined ? {} : { roleArn: serviceAccount.roleArn }),
    ...NO_EXTERNAL_SECRETS,
    region: async () => region ?? undefined,
    classOf: async (namespace, name) => (namespace === 'shop' && name === CLASS ? classOf(one) : undefined),
    envFiles: async () => ({ serverVersion: '1.35', server: true, everyNode: true }),
    serverVersion: async () => ({ major: 1, minor: 35 }),
  };
}

/** Returns the settings of the webhook. `reach` is the way to the in-memory AWS. */
export function settingsOf({ chartAws, rotation }: Case, reach: AdmissionSettings['aws']): AdmissionSettings {
  return {
    namespace: 'aws-secrets-injector',
    injector: {
      image: 'registry.example/aws-secrets-injector:1',
      pullPolicy: 'IfNotPresent',
      logLevel: 'debug',
      ...(rotation !== undefined && { rotation }),
    },
    takeOverCsiVolumes: 'all',
    aws: { ...reach, ...chartAws },
    takeOverExternalSecrets: 'annotated',
  };
}
