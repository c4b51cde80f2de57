/** Makes the CRD of SecretProviderClass with the same names and schema, and what pods write to mount one. */
import type { V1Pod, V1PodSpec, V1Volume } from '@kubernetes/client-node';
import { until } from './progress.ts';
import { MARK, type World } from './world.ts';

const GROUP = 'secrets-store.csi.x-k8s.io';
const NAME = `secretproviderclasses.${GROUP}`;
const DRIVER = 'secrets-store.csi.k8s.io';

/** The label that EKS puts on pods that run on Fargate. */
export const FARGATE = { 'eks.amazonaws.com/fargate-profile': 'apps' };

type Spec = { provider?: string; parameters?: Record<string, string>; secretObjects?: object[] };

export function providerClass(namespace: string, name: string, spec: Spec, version = 'v1'): object {
  return {
    apiVersion: `${GROUP}/${version}`,
    kind: 'SecretProviderClass',
    metadata: { name, namespace },
    spec: { provider: 'aws', ...spec },
  };
}

export function csiVolume(
  name: string,
  secretProviderClass: string,
  attributes: Record<string, string> = {},
): V1Volume {
  const volumeAttributes = { secretProviderClass, ...attributes };
  return { name, csi: { driver: DRIVER, readOnly: true, volumeAttributes } };
}

/** A pod as people have it for the driver: no annotation of ours, and Fargate's label. */
export function csiPod(namespace: string, name: string, spec: V1PodSpec): V1Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels: FARGATE }, spec };
}

/** Installs the CRD, and waits until the API server serves it. */
export async function installProviderClasses(world: World): Promise<void> {
  await world.kubectl.apply(providerClassDefinition());
  await world.kubectl.run(['wait', '--for=condition=Established', `crd/${NAME}`, '--timeout=30s']);
  await until('the API server to serve it', 30, async () => {
    const found = await world.kubectl.run(['api-resources', '--api-group', GROUP, '-o', 'name']);
    return found.includes(NAME) ? true : undefined;
  });
}

/** Returns the CRD. */
export function providerClassDefinition(): object {
  const version = (name: string, more: object) => ({
    name,
    served: true,
    schema: { openAPIV3Schema: schema() },
    ...more,
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: NAME, labels: { [MARK]: '' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: 'SecretProviderClass',
        listKind: 'SecretProviderClassList',
        plural: 'secretproviderclasses',
        singular: 'secretproviderclass',
      },
      versions: [version('v1', { storage: true }), version('v1alpha1', { storage: false, deprecated: true })],
    },
  };
}

function schema(): object {
  const text = { type: 'string' };
  const texts = { type: 'object', additionalProperties: text };
  const data = { type: 'array', items: { type: 'object', properties: { objectName: text, key: text } } };
  const secret = { secretName: text, type: text, labels: texts, annotations: texts, data };
  return {
    type: 'object',
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { type: 'object' },
      spec: {
        type: 'object',
        properties: {
          provider: text,
          parameters: texts,
          secretObjects: { type: 'array', items: { type: 'object', properties: secret } },
        },
      },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
}
