/**
 * Each case of External Secrets' own tests, as a pod lives through it that mounts the Secret: the webhook admits it, the injector
 * reads from an AWS in memory, and the volume of the Secret has the keys.
 */
import t from 'tap';
import { stringify } from 'yaml';
import { examine } from '../../../cli/admission/examine.ts';
import { defaultSettings } from '../../../cli/admission/settings.ts';
import { worldOf } from '../../../cli/admission/world.ts';
import { findIn } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import { sow } from '../../aws/seed.ts';
import type { Aws } from '../../aws/server.ts';
import { ROLE, runInjected } from '../../cli/migrate/support/inject.ts';
import { viewOf } from '../../cli/migrate/support/view.ts';
import { type Case, readCases } from './support/cases.ts';

const REGION = 'eu-west-1';

function documentsOf({ store, spec }: Case): object[] {
  const apiVersion = 'external-secrets.io/v1';
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'shop', annotations: { 'eks.amazonaws.com/role-arn': ROLE } },
    },
    {
      apiVersion,
      kind: 'SecretStore',
      metadata: { name: 'aws' },
      spec: { provider: { aws: { service: 'SecretsManager', region: REGION, ...store } } },
    },
    {
      apiVersion,
      kind: 'ExternalSecret',
      metadata: { name: 'made' },
      spec: { secretStoreRef: { name: 'aws' }, ...spec },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', annotations: { 'aws-secrets-injector.dev/external-secret': 'made' } },
      spec: {
        serviceAccountName: 'shop',
        containers: [{ name: 'app', image: 'app', volumeMounts: [{ name: 'made', mountPath: '/made' }] }],
        volumes: [{ name: 'made', secret: { secretName: 'made' } }],
      },
    },
  ];
}

function situationOf(one: Case) {
  const text = documentsOf(one)
    .map((document) => stringify(document))
    .join('---\n');
  const { objects, templates } = findIn(parseManifests('case.yaml', text).manifests);
  const [template] = templates;
  if (template === undefined) throw new Error('there is no pod');
  const options = { namespace: 'shop', region: REGION, kubernetes: '1.35', complete: true };
  return { template, world: worldOf(objects, defaultSettings(), options) };
}

function put(aws: Aws, { secrets, parameters }: Case): void {
  const rest = { roles: [], users: [], issuers: [], latency: {}, faults: [] };
  sow(aws, { regions: { [REGION]: { secrets, parameters } }, ...rest });
}

for (const one of readCases()) {
  const { title, operator, here = operator } = one;
  t.test(`${title}: ${one.why === undefined ? 'is the same' : 'differs as documented'}`, async (t) => {
    const { template, world } = situationOf(one);
    if ('refused' in here) {
      const examined = await examine(template, world);
      const messages = examined.ok ? examined.refusals.map(({ message }) => message).join('\n') : '';
      t.ok(messages.includes(here.refused), messages);
      return;
    }
    const { outcome, log, pod, node } = await runInjected(t, template, world, (aws) => put(aws, one));
    if ('fails' in here) {
      t.not(outcome.exitCode, 0);
      t.ok(outcome.message.includes(here.fails), outcome.message);
      return;
    }
    t.equal(outcome.exitCode, 0, log);
    const files = Object.entries(viewOf(pod, node)['app']?.files ?? {});
    const wanted = 'keys' in here ? Object.entries(here.keys) : [];
    t.same(new Map(files), new Map(wanted.map(([key, value]) => [`/made/${key}`, `0644 ${value}`])));
  });
}
