/** Makes small CRDs of External Secrets with the same names, and objects of them. */
import { until } from './progress.ts';
import { MARK, type World } from './world.ts';

const GROUP = 'external-secrets.io';

type Kind = 'ExternalSecret' | 'SecretStore' | 'ClusterSecretStore';

const SCOPES: Readonly<Record<Kind, 'Namespaced' | 'Cluster'>> = {
  ExternalSecret: 'Namespaced',
  SecretStore: 'Namespaced',
  ClusterSecretStore: 'Cluster',
};

/** Returns an object of External Secrets. `namespace` is left out for a ClusterSecretStore. */
export function external(kind: Kind, metadata: { name: string; namespace?: string }, spec: object): object {
  const labels = SCOPES[kind] === 'Cluster' ? { [MARK]: '' } : {};
  return { apiVersion: `${GROUP}/v1`, kind, metadata: { ...metadata, labels }, spec };
}

/** Installs the CRDs, and waits until the API server serves them. No operator runs. */
export async function installExternalSecrets(world: World): Promise<void> {
  const kinds = Object.keys(SCOPES) as Kind[];
  await world.kubectl.apply(...kinds.map(definition));
  const names = kinds.map((kind) => `crd/${nameOf(kind)}`);
  await world.kubectl.run(['wait', '--for=condition=Established', ...names, '--timeout=30s']);
  await until('the API server to serve External Secrets', 30, async () => {
    const found = await world.kubectl.run(['api-resources', '--api-group', GROUP, '-o', 'name']);
    return kinds.every((kind) => found.includes(nameOf(kind))) ? true : undefined;
  });
}

function definition(kind: Kind): object {
  const plural = pluralOf(kind);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: nameOf(kind), labels: { [MARK]: '' } },
    spec: {
      group: GROUP,
      scope: SCOPES[kind],
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
            },
          },
        },
      ],
    },
  };
}

function nameOf(kind: Kind): string {
  return `${pluralOf(kind)}.${GROUP}`;
}

function pluralOf(kind: Kind): string {
  return `${kind.toLowerCase()}s`;
}
