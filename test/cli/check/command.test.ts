import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { issueAuthority } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import type { Item } from '../../../cli/check/items.ts';
import type { ApiServer } from '../../kubernetes/api-server.ts';
import type { Document } from '../support/cluster.ts';
import { NOW, type Surroundings, startInstallation, withBundle } from '../support/installation.ts';
import { runIn } from '../support/run.ts';

const PROVIDER = {
  arn: 'arn:aws:iam::111122223333:oidc-provider/oidc.example/id/1',
  audiences: ['sts.amazonaws.com'],
};

const provider = async () => ({ kind: 'found', value: PROVIDER }) as const;

const check = ({ kubeConfig }: ApiServer, args: readonly string[] = [], now = NOW, onPause = () => {}) =>
  runIn('.', ['check', '-n', 'shop', ...args], { kubeConfig, now, onPause, provider });

async function itemsOf(server: ApiServer, args: readonly string[] = [], now = NOW): Promise<Item[]> {
  return JSON.parse((await check(server, [...args, '-o', 'json'], now)).out).items;
}

const named = (items: readonly Item[], name: string) => items.find((item) => item.name === name);

t.test('finds nothing wrong with an installation that works', async (t) => {
  const { code, out, err } = await check(await startInstallation(t));
  t.equal(err, '');
  t.equal(code, 0);
  t.notMatch(out, /PROBLEM|To do:|^\?/m);
  t.match(out, /\n\d+ items checked: nothing wrong\.\n$/);
});

t.test('keeps nothing of the pod of the dry run, and asks for a dry run', async (t) => {
  const server = await startInstallation(t);
  await check(server);
  t.same(server.stored('/api/v1/pods'), []);
  const created = server.calls.filter(({ kind, path }) => kind === 'create' && path.endsWith('/pods'));
  t.same(
    created.map(({ query }) => query.get('dryRun')),
    ['All'],
  );
});

t.test('repeats nothing of the Secret with the key', async (t) => {
  const server = await startInstallation(t);
  const secret = server.get('/api/v1/secrets', 'aws-secrets-injector-tls');
  const { out } = await check(server, ['-o', 'json']);
  for (const value of Object.values(secret?.data ?? {})) {
    t.notMatch(out, value.slice(100, 160));
    t.notOk(out.includes(Buffer.from(value, 'base64').toString().slice(100, 160)));
  }
});

type Trouble = {
  readonly documents?: readonly Document[];
  readonly surroundings?: Surroundings;
  readonly now?: Date;
  readonly item: string;
  readonly result: Item['result'];
  readonly says: RegExp;
  readonly fix?: RegExp;
};

const other = await issueAuthority(NOW, POLICY);
const deployment = (status: object, more: object = {}): Document[] => [
  {
    kind: 'Deployment',
    metadata: { name: 'aws-secrets-injector', namespace: 'aws-secrets-injector' },
    status,
    ...more,
  },
];
const configuration = (webhooks: object[]): Document[] => [
  { kind: 'MutatingWebhookConfiguration', metadata: { name: 'aws-secrets-injector' }, webhooks },
];
const node = (name: string, labels: object, kubeletVersion = 'v1.35.2'): Document => ({
  kind: 'Node',
  metadata: { name, labels },
  status: { nodeInfo: { operatingSystem: 'linux', kubeletVersion } },
});
const calling = (why: string) => ({
  refuse: () =>
    `Internal error occurred: failed calling webhook "pods.aws-secrets-injector.dev": failed to call webhook: ${why}`,
});

const troubles: Record<string, Trouble> = {
  'no configuration of the webhook': {
    documents: [{ kind: 'MutatingWebhookConfiguration', metadata: { name: 'aws-secrets-injector' }, remove: true }],
    item: 'webhook-registered',
    result: 'problem',
    says: /There is no MutatingWebhookConfiguration/,
    fix: /helm upgrade --install/,
  },
  'a failurePolicy that lets pods pass': {
    documents: configuration(withBundle(other.cert, { failurePolicy: 'Ignore' })),
    item: 'webhook-registered',
    result: 'note',
    says: /failurePolicy is Ignore/,
  },
  'no caBundle': {
    documents: configuration(withBundle('')),
    item: 'ca-bundle',
    result: 'problem',
    says: /no caBundle yet/,
  },
  'a caBundle of half a certificate': {
    documents: configuration(withBundle(other.cert.slice(0, 200))),
    item: 'ca-bundle',
    result: 'problem',
    says: /no whole certificate/,
  },
  'a CA that ended': {
    now: new Date('2031-01-01'),
    item: 'ca-bundle',
    result: 'problem',
    says: /No CA in the caBundle is valid now/,
  },
  'a certificate that ended': {
    now: new Date('2026-12-01'),
    item: 'certificate',
    result: 'problem',
    says: /not valid now; it ends at 2026-08-30/,
    fix: /kubectl logs -n aws-secrets-injector/,
  },
  'a certificate that ends soon': {
    now: new Date('2026-08-28'),
    item: 'certificate',
    result: 'note',
    says: /ends in 2 days/,
  },
  'a certificate of another CA': {
    documents: configuration(withBundle(other.cert)),
    item: 'certificate',
    result: 'problem',
    says: /No CA in the caBundle has signed the certificate/,
  },
  'a Secret without a certificate': {
    documents: [
      {
        kind: 'Secret',
        metadata: { name: 'aws-secrets-injector-tls', namespace: 'aws-secrets-injector' },
        data: {},
      },
    ],
    item: 'certificate',
    result: 'problem',
    says: /holds no certificate/,
  },
  'a Secret that the user may not read': {
    documents: [{ kind: 'Forbidden', plurals: ['secrets'] }],
    item: 'certificate',
    result: 'unseen',
    says: /^Not looked at: You may not see it/,
  },
  'no replica that is ready': {
    documents: deployment({ observedGeneration: 1, replicas: 2 }),
    item: 'webhook-running',
    result: 'problem',
    says: /0 of 2 replicas are ready/,
    fix: /kubectl describe pods -n aws-secrets-injector/,
  },
  'a rollout under way': {
    documents: deployment({ observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 1 }),
    item: 'webhook-running',
    result: 'note',
    says: /2 of 2 replicas are ready, 1 of them of the newest version/,
  },
  'rights that somebody took away': {
    surroundings: { allows: ({ resource, verb }) => resource !== 'nodes' || verb !== 'watch' },
    item: 'webhook-rights',
    result: 'problem',
    says: /The webhook may not watch nodes\./,
    fix: /Install the chart again/,
  },
  'access reviews that the user may not make': {
    documents: [{ kind: 'Forbidden', plurals: ['subjectaccessreviews'] }],
    item: 'webhook-rights',
    result: 'unseen',
    says: /you may not ask for the rights of others/,
  },
  'no policy': {
    documents: [{ kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'aws-secrets-injector' }, remove: true }],
    item: 'policy',
    result: 'note',
    says: /The policy is off/,
  },
  'no identity webhook': {
    documents: [{ kind: 'MutatingWebhookConfiguration', metadata: { name: 'pod-identity-webhook' }, remove: true }],
    item: 'identity-webhook',
    result: 'note',
    says: /Secrets are fetched without it/,
  },
  'nodes without a region': {
    documents: [node('node', {})],
    item: 'region',
    result: 'problem',
    says: /No node has the label/,
    fix: /aws\.region=REGION/,
  },
  'nodes of two regions': {
    documents: [node('far', { 'topology.kubernetes.io/region': 'eu-central-1' })],
    item: 'region',
    result: 'problem',
    says: /several regions: .*eu-central-1/,
  },
  'an old node': {
    documents: [node('old', {}, 'v1.34.1')],
    item: 'kubelets',
    result: 'note',
    says: /1 of 2 Linux nodes are older than 1\.35 .*: old\./,
  },
  'an exempt namespace': {
    documents: [
      { kind: 'Namespace', metadata: { name: 'shop', labels: { 'aws-secrets-injector.dev/exempt': 'true' } } },
    ],
    surroundings: { isBypassed: true },
    item: 'dry-run',
    result: 'problem',
    says: /created without them\. The namespace shop has the label/,
    fix: /kubectl label namespace shop/,
  },
  'a webhook with another certificate': {
    surroundings: calling('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    item: 'dry-run',
    result: 'problem',
    says: /can not call the webhook: .*x509/,
    fix: /ca-bundle and certificate/,
  },
  'a webhook without replicas': {
    surroundings: calling('no endpoints available for service "aws-secrets-injector"'),
    item: 'dry-run',
    result: 'problem',
    says: /no endpoints available/,
    fix: /webhook-running/,
  },
  'a network in between': {
    surroundings: calling('Post "https://x.svc:443/mutate?timeout=10s": context deadline exceeded'),
    item: 'dry-run',
    result: 'problem',
    says: /deadline exceeded/,
    fix: /port 9443 .* security group/,
  },
  'a webhook that refuses every pod': {
    surroundings: {
      refuse: () =>
        'admission webhook "pods.aws-secrets-injector.dev" denied the request: ASI_ADMIT_NO_REGION: name one.',
    },
    item: 'dry-run',
    result: 'problem',
    says: /refuses every pod: .*ASI_ADMIT_NO_REGION/,
  },
  'a policy that finds the pod first': {
    surroundings: {
      refuse: () =>
        "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'aws-secrets-injector' with binding 'aws-secrets-injector' denied request: lacks",
    },
    item: 'dry-run',
    result: 'problem',
    says: /The webhook is not asked, and the policy of the chart refuses the pod/,
  },
  'a quota that refuses the pod': {
    surroundings: { refuse: () => 'pods "x" is forbidden: exceeded quota: few, requested: pods=1' },
    item: 'dry-run',
    result: 'unseen',
    says: /for another reason \(-n names another namespace\): .*exceeded quota/,
  },
  'a user who may not create pods': {
    surroundings: {
      refuse: () => 'pods is forbidden: User "dev" cannot create resource "pods" in the namespace "shop"',
    },
    item: 'dry-run',
    result: 'unseen',
    says: /you may not create pods here/,
  },
};

for (const [name, { documents, surroundings, now, item, result, says, fix }] of Object.entries(troubles)) {
  t.test(`says what to do about ${name}`, async (t) => {
    const server = await startInstallation(t, documents, surroundings);
    const { code, out } = await check(server, ['-o', 'json'], now);
    const found = named(JSON.parse(out).items, item);
    t.equal(found?.result, result);
    t.match(found?.what, says);
    if (result === 'problem') t.equal(code, 1);
    if (fix) t.match(found?.fix, fix);
  });
}

t.test('says what an old API server can not do', async (t) => {
  const server = await startInstallation(t);
  const at = async (minor: string) => {
    server.state.serverVersion = { major: '1', minor, gitVersion: `v1.${minor}.0` };
    return named(await itemsOf(server), 'kubernetes-version')?.result;
  };
  t.same([await at('29'), await at('30+'), await at('35')], ['problem', 'note', 'ok']);
});

t.test('writes YAML that says the same as JSON', async (t) => {
  const server = await startInstallation(t);
  t.same(parse((await check(server, ['-o', 'yaml'])).out).items, await itemsOf(server));
});

async function withoutInstallation(t: Test, surroundings: Surroundings = {}): Promise<ApiServer> {
  const removed = [{ kind: 'MutatingWebhookConfiguration', metadata: { name: 'aws-secrets-injector' }, remove: true }];
  return startInstallation(t, removed as Document[], surroundings);
}

t.test('finds a cluster ready for an installation', async (t) => {
  const { code, out } = await check(await withoutInstallation(t), ['--pre']);
  t.equal(code, 0);
  t.match(out, /ok +not-installed-yet: /);
  t.match(out, /ok +your-rights: You may do all that is needed/);
});

t.test('says which rights an installation needs and the user lacks', async (t) => {
  const allows: Surroundings['allows'] = ({ resource }, user) => user === undefined && resource !== 'clusterroles';
  const server = await withoutInstallation(t, { allows });
  const { code, out } = await check(server, ['--pre', '--install-namespace', 'security']);
  t.equal(code, 1);
  t.match(out, /PROBLEM +your-rights: You may not create clusterroles\.\n/);
});

t.test('waits until nothing is wrong', async (t) => {
  let isUp = false;
  const server = await startInstallation(t, [], { refuse: () => (isUp ? undefined : calling('refused').refuse()) });
  const waits: string[] = [];
  const { code } = await check(server, ['--wait', '60'], NOW, () => {
    waits.push('');
    isUp = waits.length === 3;
  });
  t.equal(code, 0);
  t.equal(waits.length, 3);
});

t.test('waits no longer than the user says', async (t) => {
  const server = await startInstallation(t, [], calling('refused'));
  let waits = 0;
  const { code, out } = await check(server, ['--wait', '10'], NOW, () => {
    waits += 1;
  });
  t.equal(code, 1);
  t.equal(waits, 5);
  t.match(out, /PROBLEM +dry-run/);
});

t.test('a time to wait that is no number is wrong use', async (t) => {
  const { code, err } = await check(await startInstallation(t), ['--wait', '2m']);
  t.equal(code, 2);
  t.match(err, /--wait 2m is no number of seconds/);
});
