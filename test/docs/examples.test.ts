/** The YAML of README.md and of the pages in docs/, tried as a user would: each declaration goes through the webhook. */
import { basename } from 'node:path';
import t from 'tap';
import * as v from 'valibot';
import { parseAllDocuments } from 'yaml';
import { readPages } from '../../docs/scripts/pages.ts';
import { problemsIn } from '../../injector/contract/schema-problems.ts';
import { externalNames } from '../../webhook/admission/external-secrets.ts';
import type { ExternalFacts } from '../../webhook/admission/facts.ts';
import { PREFIX, SOURCES } from '../../webhook/declare/annotations.ts';
import type { ProviderClass } from '../../webhook/declare/provider-class.ts';
import { answerTo, facts, type Json, ROLE, settings } from '../webhook/support/admission.ts';
import { EXTERNAL_SECRETS } from './support/external-secrets.ts';
import { type Block, blocksOf } from './support/page.ts';

type Annotations = Readonly<Record<string, string>>;

type Document = {
  readonly kind?: string;
  readonly metadata?: { readonly annotations?: Annotations };
  readonly spec?: unknown;
  readonly env?: readonly unknown[];
  readonly envFrom?: readonly unknown[];
};

/** A pod to which everything in the pages can be added. */
function podWith({ annotations = {}, env = [], envFrom = [], className }: Parts): Json {
  const csi = {
    driver: 'secrets-store.csi.k8s.io',
    readOnly: true,
    volumeAttributes: { secretProviderClass: className },
  };
  const volumes = className === undefined ? [] : [{ name: 'secrets', csi }];
  const mount = { name: 'secrets', mountPath: '/mnt/secrets-store', readOnly: true };
  const container = (name: string) => ({ name, image: 'busybox:1.37', command: ['sleep', '1000000'] });
  const volumeMounts = className === undefined ? [] : [mount];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'shop-1', annotations },
    spec: {
      serviceAccountName: 'shop',
      schedulerName: 'fargate-scheduler',
      shareProcessNamespace: true,
      securityContext: { runAsUser: 10001, runAsGroup: 10001 },
      containers: [{ ...container('app'), env, envFrom, volumeMounts }, container('worker')],
      volumes,
    },
  };
}

type Parts = {
  readonly annotations?: Annotations;
  readonly env?: readonly unknown[];
  readonly envFrom?: readonly unknown[];
  readonly className?: string;
};

const STORE = { spec: { provider: { aws: { service: 'SecretsManager', region: 'eu-central-1' } } } };

/** Returns the answers of a cluster in which every ExternalSecret takes all keys of a secret of its own name. */
function externalFacts(): ExternalFacts {
  return {
    externalSecretOf: async (_namespace, key) => ({
      spec: { secretStoreRef: { name: 'aws' }, dataFrom: [{ extract: { key } }] },
    }),
    externalSecretsFor: async () => [],
    storeOf: async () => STORE,
  };
}

/** Returns a variable from each Secret of the ExternalSecrets that the annotations name. */
function secretVariables(annotations: Annotations): Json[] {
  return externalNames({ annotations }).map((name, index) => ({
    name: `SECRET_${index}`,
    valueFrom: { secretKeyRef: { name, key: 'password' } },
  }));
}

/** Returns the webhook's answer to the pod. Every class is `found`, or one with a secret of the class's own name. */
async function admitted(parts: Parts, found?: Partial<ProviderClass>) {
  const known = {
    ...facts,
    ...externalFacts(),
    roleOf: async () => ({ roleArn: ROLE }),
    region: async () => 'eu-central-1',
    classOf: async (_namespace: string, name: string) => ({
      provider: 'aws',
      parameters: { objects: `[{objectName: ${name}, objectType: secretsmanager}]` },
      secretObjects: [],
      ...found,
    }),
  };
  const { annotations = {} } = parts;
  const isNode = annotations[`${PREFIX}use-pod-identity`] === 'true';
  const pod = podWith({ ...parts, env: [...(parts.env ?? []), ...secretVariables(annotations)] });
  const spec = pod['spec'] as Json;
  const { outcome, review } = await answerTo(
    isNode ? { ...pod, spec: { ...spec, schedulerName: 'default-scheduler' } } : pod,
    {},
    settings,
    known,
  );
  return { outcome, message: review.response.status?.message };
}

/** Adds something to fetch where the annotations only say how. */
function complete(annotations: Annotations): Annotations {
  const isSource = SOURCES.some((name) => PREFIX + name in annotations);
  return isSource ? annotations : { ...annotations, [`${PREFIX}files`]: 'db: shop/db' };
}

function annotationsOf(document: Document): Annotations | undefined {
  const given = document.metadata?.annotations ?? (document as Annotations);
  const names = Object.keys(given);
  return names.length > 0 && names.every((name) => name.startsWith(PREFIX)) ? given : undefined;
}

/** Is what a block is tried with. It is undefined for a block that the webhook never sees. */
type Try = { readonly parts: Parts; readonly found?: Partial<ProviderClass> };

function tryOf(document: Document, before: readonly Document[]): Try | undefined {
  const annotations = annotationsOf(document);
  const provided = [...before, document].findLast(({ kind }) => kind === 'SecretProviderClass');
  const found = provided?.spec as Partial<ProviderClass> | undefined;
  if (annotations !== undefined) return { parts: { annotations: complete(annotations) }, ...(found && { found }) };
  const { env, envFrom } = document;
  if (found === undefined) return undefined;
  return { parts: { className: 'shop', ...(env && { env }), ...(envFrom && { envFrom }) }, found };
}

function documentsIn(blocks: readonly Block[]): { block: Block; document: Document }[] {
  return blocks
    .filter(({ language }) => language === 'yaml')
    .flatMap((block) =>
      parseAllDocuments(block.text).map((document) => {
        if (document.errors[0] !== undefined) throw document.errors[0];
        return { block, document: document.toJS() as Document };
      }),
    );
}

let tried = 0;
for (const [path, text] of readPages()) {
  const all = documentsIn(blocksOf(text));
  for (const [index, { block, document }] of all.entries()) {
    const before = all.slice(0, index).filter((one) => one.block.heading === block.heading);
    const title = `${basename(path)}, ${block.heading}, ${index + 1}`;
    const schema = EXTERNAL_SECRETS[document.kind ?? ''];
    if (schema !== undefined) {
      t.test(`${title}: External Secrets accepts it`, async (t) => {
        t.strictSame(problemsIn(v.safeParse(schema, document).issues ?? []), []);
      });
    }
    const attempt = tryOf(
      document,
      before.map((one) => one.document),
    );
    if (attempt === undefined || block.heading === 'status') continue;
    tried += 1;
    t.test(`${title}: the pod is injected`, async (t) => {
      const { outcome, message } = await admitted(attempt.parts, attempt.found);
      t.same([outcome, message], ['injected', undefined]);
    });
  }
}
t.ok(tried > 60, 'the examples have been found');
