/** Drives admission in tests as the API server does: a review in, the patched pod out. */
import jsonPatch from 'fast-json-patch';
import type { Test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { type Answer, admit } from '../../../webhook/admission/admit.ts';
import { type External, type Facts, NO_EXTERNAL_SECRETS } from '../../../webhook/admission/facts.ts';
import type { Version } from '../../../webhook/admission/kubernetes-version.ts';
import { parseReview, type Review } from '../../../webhook/admission/review.ts';
import type { ProviderClass } from '../../../webhook/declare/provider-class.ts';
import { secretNameOf } from '../../../webhook/external-secrets/references.ts';
import type { EnvFiles } from '../../../webhook/mutate/environment/variables.ts';
import type { AdmissionSettings } from '../../../webhook/settings.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/app';

export const settings: AdmissionSettings = {
  namespace: 'aws-secrets-injector',
  injector: { image: 'registry.example/aws-secrets-injector:1', pullPolicy: 'IfNotPresent', logLevel: 'info' },
  takeOverCsiVolumes: 'fargate',
  takeOverExternalSecrets: 'annotated',
  aws: {},
};

/** ServiceAccount `app` has a role; `kops` names another audience too; `plain` has none, `odd` an ill-formed one; others do not exist. */
export const facts: Facts = {
  async roleOf(_namespace, serviceAccount) {
    if (serviceAccount === 'app') return { roleArn: ROLE };
    if (serviceAccount === 'kops') return { roleArn: ROLE, audience: 'amazonaws.com' };
    if (serviceAccount === 'odd') return { roleArn: 'app' };
    return serviceAccount === 'plain' ? {} : undefined;
  },
  ...NO_EXTERNAL_SECRETS,
  region: async () => 'eu-west-1',
  classOf: async () => undefined,
  envFiles: async () => ({ serverVersion: '1.35', server: true, everyNode: true }),
  serverVersion: async () => ({ major: 1, minor: 35 }),
};

/** A class of one secret, which the driver would also make the Secret `db` of. */
export const DB_CLASS = `
kind: SecretProviderClass
metadata: { name: db }
spec:
  provider: aws
  parameters: { objects: "[{ objectName: app/db, objectType: secretsmanager, objectAlias: db }]" }
  secretObjects: [{ secretName: db, type: Opaque, data: [{ objectName: db, key: all }] }]
`;

export type Json = Record<string, unknown>;

/** A pod, and the cluster that it comes to. */
export type World = { readonly pod: unknown; readonly settings: AdmissionSettings; readonly facts: Facts };

type Document = {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: Partial<ProviderClass>;
  readonly settings?: Partial<AdmissionSettings>;
  readonly envFiles?: Partial<EnvFiles>;
  readonly serverVersion?: Version;
  readonly region?: string | null;
  readonly answers?: boolean;
};

/** Returns a function that returns the object of a kind and a name, as the API server has it. */
function externalIn(documents: readonly Document[]) {
  return async (kind: string, name: string): Promise<External | undefined> => {
    const found = documents.find((one) => one.kind === kind && one.metadata?.name === name);
    return found && { spec: found.spec };
  };
}

/** Returns the names of the ExternalSecrets that make Secrets of these names. */
function makersOf(documents: readonly Document[], secretNames: readonly string[]): string[] {
  const externals = documents.filter(({ kind }) => kind === 'ExternalSecret');
  return externals
    .flatMap(({ metadata: { name = '' } = {}, spec }) => (secretNames.includes(secretNameOf(name, spec)) ? [name] : []))
    .sort();
}

/**
 * Reads YAML documents: SecretProviderClasses, ExternalSecrets and their stores, one of kind `Facts` (`settings` of the chart; `envFiles`, `serverVersion` and `region` of the
 * cluster; `answers: false` for a cluster that does not answer), and the pod, which is the last.
 */
export function readWorld(text: string): World {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Document);
  const classes = documents.filter(({ kind }) => kind === 'SecretProviderClass');
  const cluster = documents.find(({ kind }) => kind === 'Facts');
  const external = externalIn(documents);
  return {
    pod: documents.at(-1),
    settings: { ...settings, ...cluster?.settings },
    facts: {
      ...facts,
      ...(cluster?.answers === false && { roleOf: () => Promise.reject(new Error('timeout')) }),
      ...(cluster?.region !== undefined && { region: async () => cluster.region ?? undefined }),
      externalSecretOf: (_namespace, name) => external('ExternalSecret', name),
      externalSecretsFor: async (_namespace, names) => makersOf(documents, names),
      storeOf: (kind, _namespace, name) => external(kind, name),
      async classOf(_namespace, name) {
        const spec = classes.find(({ metadata }) => metadata?.name === name)?.spec;
        return spec && { parameters: {}, secretObjects: [], ...spec };
      },
      envFiles: async () => ({
        ...(await facts.envFiles()),
        ...versionText(cluster?.serverVersion),
        ...cluster?.envFiles,
      }),
      serverVersion: async (needed) => cluster?.serverVersion ?? facts.serverVersion(needed),
    },
  };
}

function versionText(version: Version | undefined): Partial<EnvFiles> {
  return version === undefined ? {} : { serverVersion: `${version.major}.${version.minor}` };
}

export function reviewOf(object: unknown, request: Json = {}): Json {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      dryRun: false,
      object,
      ...request,
    },
  };
}

/**
 * Returns the answer of the webhook without HTTP. The request is frozen, as nothing may change the pod that the patch is for.
 */
export async function answerTo(
  object: unknown,
  request: Json = {},
  options = settings,
  known: Facts = facts,
): Promise<Answer> {
  const review = parseReview(
    JSON.parse(JSON.stringify(reviewOf(object, request)), (_key, value) => Object.freeze(value)),
  );
  if (!review.ok) throw new Error(review.problem);
  return admit(review.request, options, known);
}

export function patchOf({ response }: Review): jsonPatch.Operation[] {
  return response.patch ? JSON.parse(Buffer.from(response.patch, 'base64').toString()) : [];
}

/** The pod as the API server has it after the patch. */
export function patched<T>(pod: T, review: Review): T {
  return jsonPatch.applyPatch(structuredClone(pod), patchOf(review), true).newDocument;
}

/** Returns how a pod of this shape is admitted in the world: `answer` gives the answer, `admitted` the patched pod. */
export function admissionOf<Pod>(t: Pick<Test, 'equal'>, world: string) {
  const { settings, facts } = readWorld(world);
  const answer = (pod: unknown) => answerTo(pod, {}, settings, facts);
  return {
    settings,
    facts,
    answer,
    async admitted(pod: unknown): Promise<Pod> {
      const { review } = await answer(pod);
      t.equal(review.response.status?.message, undefined);
      return patched(pod, review) as Pod;
    },
  };
}
