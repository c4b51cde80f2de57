/** The objects of a large cluster, as JSON for the API server. Pure. */
import type { V1Node, V1Pod, V1ServiceAccount } from '@kubernetes/client-node';
import { declare, MOUNT } from '../../e2e/harness/pods.ts';
import { csiVolume, providerClass } from '../../e2e/harness/provider-class.ts';
import { ACCOUNT } from '../../e2e/harness/world.ts';

/** Is how many of each kind a cluster has. */
export type Size = { readonly accounts: number; readonly classes: number; readonly nodes: number };

/** An object, and the path of the list that it is created in. */
export type Item = { readonly list: string; readonly body: object };

const nameOf = (kind: string, index: number) => `${kind}-${index}`;

/** Has the namespaces among which accounts and classes are spread. */
export const NAMESPACES = Array.from({ length: 20 }, (_, index) => nameOf('scale', index));

/** Returns what a cluster of size `to` has more than one of size `from`. */
export function itemsBetween(from: Size, to: Size): Item[] {
  const range = (kind: keyof Size, make: (index: number) => Item) =>
    Array.from({ length: to[kind] - from[kind] }, (_, index) => make(from[kind] + index));
  return [
    ...range('accounts', (index) => account(namespaceAt(index), index)),
    ...range('classes', (index) => providedClass(namespaceAt(index), index)),
    ...range('nodes', node),
  ];
}

/** Returns the namespace of the account and of the class with this number. */
function namespaceAt(index: number): string {
  return nameOf('scale', index % NAMESPACES.length);
}

function account(namespace: string, index: number): Item {
  const annotations = { 'eks.amazonaws.com/role-arn': `arn:aws:iam::${ACCOUNT}:role/team/${namespace}/app-${index}` };
  const body: V1ServiceAccount = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: nameOf('app', index), annotations },
  };
  return { list: `/api/v1/namespaces/${namespace}/serviceaccounts`, body };
}

function providedClass(namespace: string, index: number): Item {
  const objects = Array.from(
    { length: 5 },
    (_, each) => `- {objectName: shop/${index}/${each}, objectType: secretsmanager}`,
  );
  return {
    list: `/apis/secrets-store.csi.x-k8s.io/v1/namespaces/${namespace}/secretproviderclasses`,
    body: providerClass(namespace, nameOf('class', index), { parameters: { objects: objects.join('\n') } }),
  };
}

/** Returns a node that no kubelet serves, with the labels and the report of one. */
function node(index: number): Item {
  const labels = {
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'node.kubernetes.io/instance-type': 'm7i.large',
    'topology.kubernetes.io/region': 'us-west-2',
    'topology.kubernetes.io/zone': `us-west-2${'abc'[index % 3]}`,
  };
  const body: V1Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nameOf('node', index), labels },
    status: { nodeInfo: { kubeletVersion: 'v1.37.2', operatingSystem: 'linux', architecture: 'amd64' } as never },
  };
  return { list: '/api/v1/nodes', body };
}

/** Returns a pod that no scheduler places: each second one takes over the volume of a class, and the others declare files. */
export function podAt({ accounts, classes }: Size, index: number): Item {
  const at = (count: number) => (index * 7919) % count;
  const container = { name: 'app', image: 'registry.example/app:1', command: ['app'] };
  const spec = { schedulerName: 'nobody', terminationGracePeriodSeconds: 0 };
  const one = index % 2 === 0 ? at(accounts) : at(classes);
  const namespace = namespaceAt(one);
  const metadata = { namespace, generateName: 'scale-' };
  const serviceAccountName = nameOf('app', one);
  const body: V1Pod =
    index % 2 === 0
      ? {
          metadata: { ...metadata, annotations: declare({ files: 'a: shop/a\nb: shop/b#password\nc: ssm:/shop/c' }) },
          spec: { ...spec, serviceAccountName, containers: [container] },
        }
      : {
          metadata: { ...metadata, annotations: declare({ inject: 'true' }) },
          spec: {
            ...spec,
            serviceAccountName,
            containers: [{ ...container, volumeMounts: [{ name: 'secrets', mountPath: MOUNT }] }],
            volumes: [csiVolume('secrets', nameOf('class', one))],
          },
        };
  return { list: `/api/v1/namespaces/${namespace}/pods`, body };
}
