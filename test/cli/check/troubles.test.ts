/** Tests what `check` finds wrong with an installation, and what it says to do about each. */
import t from 'tap';
import { issueAuthority } from '../../../certs/authority/issue.ts';
import { POLICY } from '../../../certs/authority/lifecycle.ts';
import type { Item } from '../../../cli/check/items.ts';
import { check, named } from '../support/check.ts';
import type { Document } from '../support/cluster.ts';
import { NOW, type Surroundings, startInstallation, unreachable, withBundle } from '../support/installation.ts';

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
    surroundings: unreachable('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    item: 'dry-run',
    result: 'problem',
    says: /can not call the webhook: .*x509/,
    fix: /ca-bundle and certificate/,
  },
  'a webhook without replicas': {
    surroundings: unreachable('no endpoints available for service "aws-secrets-injector"'),
    item: 'dry-run',
    result: 'problem',
    says: /no endpoints available/,
    fix: /webhook-running/,
  },
  'a network in between': {
    surroundings: unreachable('Post "https://x.svc:443/mutate?timeout=10s": context deadline exceeded'),
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
