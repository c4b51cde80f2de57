/** The pods in test/fixtures/pods as files that a user may have, with all that the cluster of the fixture knows. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { type World, worldOf } from '../../../cli/admission/world.ts';
import { findIn } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import { type Json, ROLE, readWorld } from '../../webhook/support/admission.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/pods');

/** The namespace of every pod of the fixtures. */
const NAMESPACE = 'shop';

/** The names of all cases, like `env/everywhere`, but of those in `live/`: what they are about is in no file of a user. */
export const CASES = globSync('**/*.yaml', { cwd: FOLDER })
  .filter((name) => !name.endsWith('.injected.yaml') && !name.startsWith('live/'))
  .map((name) => name.slice(0, -'.yaml'.length));

/** The ServiceAccounts that the facts of the fixtures know. */
const ACCOUNTS: Readonly<Record<string, Json>> = {
  app: { 'eks.amazonaws.com/role-arn': ROLE },
  kops: { 'eks.amazonaws.com/role-arn': ROLE, 'eks.amazonaws.com/audience': 'amazonaws.com' },
  odd: { 'eks.amazonaws.com/role-arn': 'app' },
  plain: {},
};

/** The apiVersion of each kind of object that a fixture may bring. */
const VERSIONS: Readonly<Record<string, string>> = {
  SecretProviderClass: 'secrets-store.csi.x-k8s.io/v1',
  ExternalSecret: 'external-secrets.io/v1',
  SecretStore: 'external-secrets.io/v1',
  ClusterSecretStore: 'external-secrets.io/v1',
};

export type Case = {
  /** The pod as the fixture has it. */
  readonly pod: Json;
  readonly cluster: ReturnType<typeof readWorld>;
  /** Has the facts of the fixture's cluster in the form in which the command line reads them from files. */
  readonly world: World;
};

/** Reads a case. The world of the command line comes from YAML, as it does for a user. */
export async function readCase(name: string): Promise<Case> {
  const text = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');
  const cluster = readWorld(text);
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as Json)
    .filter(({ kind }) => String(kind) in VERSIONS)
    .map((one) => ({ apiVersion: VERSIONS[String(one['kind'])], ...one }));
  const accounts = Object.entries(ACCOUNTS).map(([account, annotations]) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: account, annotations },
  }));
  const files = [...accounts, ...objects].map((one) => stringify(one)).join('---\n');
  const known = worldOf(findIn(parseManifests('cluster.yaml', files).manifests).objects, cluster.settings, {
    namespace: NAMESPACE,
    complete: true,
    region: cluster.settings.aws.region ?? 'eu-west-1',
  });
  return {
    pod: cluster.pod as Json,
    cluster,
    world: { ...known, envFiles: await cluster.facts.envFiles() },
  };
}

type Shape = (pod: Json) => Json;

/** The shapes that people write a pod in, by their names. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  Pod: (pod) => ({ apiVersion: 'v1', kind: 'Pod', ...pod }),
  Deployment: (pod) => workload('apps/v1', 'Deployment', { template: templateOf(pod) }),
  Rollout: (pod) => workload('argoproj.io/v1alpha1', 'Rollout', { strategy: {}, template: templateOf(pod) }),
  CronJob: (pod) => workload('batch/v1', 'CronJob', { jobTemplate: { spec: { template: templateOf(pod) } } }),
  List: (pod) => ({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', ...pod }] }),
};

function templateOf({ apiVersion: _, kind: _kind, ...template }: Json): Json {
  return template;
}

function workload(apiVersion: string, kind: string, spec: Json): Json {
  return { apiVersion, kind, metadata: { name: 'web', namespace: NAMESPACE }, spec };
}
