/** Tests the annotations that stand in for ExternalSecrets, and what is said about pods that can not have them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { PREFIX } from '../../../webhook/declare/annotations.ts';
import { err, ok } from '../../../webhook/declare/result.ts';
import { readExternalSecret } from '../../../webhook/external-secrets/external-secret.ts';
import { planPod } from '../../../webhook/external-secrets/plan.ts';
import type { Store } from '../../../webhook/external-secrets/store.ts';
import { modeOfNumber } from '../../../webhook/external-secrets/volumes.ts';
import type { Pod } from '../../../webhook/pod/pod.ts';

type Case = {
  readonly title: string;
  readonly secrets: Readonly<Record<string, object>>;
  readonly pod: Pod['spec'];
  readonly shell?: boolean;
};
type Refused = Case & { readonly reasons: readonly string[] };
type Accepted = Case & { readonly annotations: Readonly<Record<string, string>>; readonly notes?: readonly string[] };

const FOLDER = join(import.meta.dirname, '../../fixtures/external-secrets');
const identity = { kind: 'web-identity' } as const;
const aws: Store = { service: 'secretsmanager', prefix: '', access: { region: 'eu-west-1', identity } };
const STORES: Readonly<Record<string, Store>> = {
  aws,
  parameters: { ...aws, service: 'ssm' },
  far: { ...aws, access: { region: 'eu-central-1', identity } },
};

function planOf({ secrets, pod, shell = false }: Case) {
  const findStore = (_kind: string, name: string) => {
    const store = STORES[name];
    return store ? ok(store) : err(`there is no store ${name}`);
  };
  const find = (name: string) => {
    const spec = secrets[name];
    return spec && readExternalSecret(name, { secretStoreRef: { name: 'aws' }, ...spec }, findStore);
  };
  const more = { others: new Map(), own: new Map(), region: 'eu-west-1', shell };
  return planPod({ metadata: {}, spec: pod }, { find, readMode: modeOfNumber, ...more });
}

function read<T>(file: string): readonly T[] {
  return parse(readFileSync(join(FOLDER, file), 'utf8'));
}

for (const one of read<Refused>('refused.yaml')) {
  t.test(`is refused, with each reason once: ${one.title}`, async (t) => {
    t.same(planOf(one).reasons, one.reasons);
  });
}

for (const one of read<Accepted>('accepted.yaml')) {
  t.test(`gets annotations: ${one.title}`, async (t) => {
    const { annotations, reasons, notes } = planOf(one);
    const expected = Object.entries(one.annotations).map(([name, text]) => [PREFIX + name, text]);
    t.same([annotations, reasons, notes], [Object.fromEntries(expected), [], one.notes ?? []]);
  });
}
