/** Tests what is said about each member and value of an ExternalSecret or a store that has no counterpart. */
import t from 'tap';
import { ok } from '../../../webhook/declare/result.ts';
import { readExternalSecret } from '../../../webhook/external-secrets/external-secret.ts';
import { readStore, type Store } from '../../../webhook/external-secrets/store.ts';

const data = [{ secretKey: 'a', remoteRef: { key: 'a' } }];
const STORE: Store = { service: 'ssm', prefix: '', access: { identity: { kind: 'web-identity' } } };
const AWS = { service: 'SecretsManager', region: 'eu-west-1' };

const EXTERNAL_SECRETS: Readonly<Record<string, readonly [spec: object, reason: string]>> = {
  generatorRef: [
    { dataFrom: [{ extract: { key: 'a' }, sourceRef: { generatorRef: { kind: 'Password' } } }] },
    'spec.dataFrom[0].sourceRef.generatorRef has no counterpart: a generator makes values, and nothing of it is read from AWS.',
  ],
  'a generator alone': [
    { dataFrom: [{ sourceRef: { generatorRef: { kind: 'Password' } } }] },
    'spec.dataFrom[0].sourceRef.generatorRef has no counterpart: a generator makes values, and nothing of it is read from AWS.',
  ],
  merge: [
    { dataFrom: [{ extract: { key: 'a' }, rewrite: [{ merge: {} }] }] },
    'spec.dataFrom[0].rewrite[0].merge joins values that are found; name each key in data.',
  ],
  'a merge with priorities': [
    { dataFrom: [{ find: { tags: { a: 'b' } }, rewrite: [{ merge: { priority: ['a'], priorityPolicy: 'Strict' } }] }] },
    'spec.dataFrom[0].rewrite[0].merge.priority has no counterpart: no secret wins over another; give keys that several have other names in AWS; spec.dataFrom[0].rewrite[0].merge.priorityPolicy has no counterpart: no secret wins over another; give keys that several have other names in AWS.',
  ],
  'a merge that ignores conflicts': [
    { dataFrom: [{ find: { tags: { a: 'b' } }, rewrite: [{ merge: { conflictPolicy: 'Ignore' } }] }] },
    'spec.dataFrom[0].rewrite[0].merge.conflictPolicy "Ignore" has no counterpart: no secret wins over another; give keys that several have other names in AWS.',
  ],
  'a merge into one object': [
    { dataFrom: [{ find: { tags: { a: 'b' } }, rewrite: [{ merge: { into: 'all', strategy: 'JSON' } }] }] },
    'spec.dataFrom[0].rewrite[0].merge.strategy "JSON" has no counterpart: the values are not joined into one JSON object; use the strategy Extract.',
  ],
  transform: [
    { dataFrom: [{ extract: { key: 'a' }, rewrite: [{ transform: { template: '{{ .value }}' } }] }] },
    'spec.dataFrom[0].rewrite[0].transform has no counterpart: keys are not renamed by templates; write a regexp in its place, or name each key in data.',
  ],
  'neither an extract nor a find': [{ dataFrom: [{}] }, 'spec.dataFrom[0] needs either extract or find.'],
  'a find of nothing': [
    { dataFrom: [{ find: { path: '/a' } }] },
    'spec.dataFrom[0].find has neither a name nor tags; write one of them.',
  ],
  'tags that are no texts': [
    { dataFrom: [{ find: { tags: { team: 7 } } }] },
    'spec.dataFrom[0].find has tags that are no map of texts.',
  ],
  'a pattern of JavaScript': [
    { dataFrom: [{ extract: { key: 'a' }, rewrite: [{ regexp: { source: '(a)\\1', target: '' } }] }] },
    'spec.dataFrom[0].rewrite[0].regexp.source "(a)\\\\1" is no pattern of RE2: error parsing regexp: invalid escape sequence: `\\1`.',
  ],
  'more steps than are taken': [
    { dataFrom: [{ extract: { key: 'a' }, rewrite: Array(17).fill({ regexp: { source: 'a', target: '' } }) }] },
    'spec.dataFrom[0].rewrite has more than 16 entries; join some of them.',
  ],
  'a target that is too long': [
    { dataFrom: [{ extract: { key: 'a' }, rewrite: [{ regexp: { source: 'a', target: 'a'.repeat(1001) } }] }] },
    'spec.dataFrom[0].rewrite[0].regexp.target has more than 1000 characters.',
  ],
  templateFrom: [
    { data, target: { template: { templateFrom: [] } } },
    'spec.target.template.templateFrom has no counterpart: templates of other objects are not read; write the text into spec.target.template.data.',
  ],
  v1: [
    { data, target: { template: { engineVersion: 'v1' } } },
    'spec.target.template.engineVersion "v1" has no counterpart: templates are read as v2; write the template for engineVersion v2.',
  ],
  manifest: [
    { data, target: { manifest: { kind: 'ConfigMap' } } },
    'spec.target.manifest has no counterpart: it makes another object than a Secret.',
  ],
  Merge: [
    { data, target: { creationPolicy: 'Merge' } },
    'spec.target.creationPolicy "Merge" has no counterpart: somebody else makes the Secret, and this adds to it; make one ExternalSecret of both.',
  ],
  CreateOrMerge: [
    { data, target: { creationPolicy: 'CreateOrMerge' } },
    'spec.target.creationPolicy "CreateOrMerge" has no counterpart: somebody else may make the Secret, too.',
  ],
  None: [
    { data, target: { creationPolicy: 'None' } },
    'spec.target.creationPolicy "None" has no counterpart: it makes no Secret.',
  ],
  Fetch: [
    { data: [{ secretKey: 'a', remoteRef: { key: 'a', metadataPolicy: 'Fetch' } }] },
    'spec.data[0].remoteRef.metadataPolicy "Fetch" has no counterpart: tags can not be read.',
  ],
  CreatedOnce: [
    { data, refreshPolicy: 'CreatedOnce' },
    'spec.refreshPolicy "CreatedOnce" has no counterpart: the Secret keeps its first values, while a pod reads what AWS has when it starts.',
  ],
  OnChange: [
    { data, refreshPolicy: 'OnChange' },
    'spec.refreshPolicy "OnChange" has no counterpart: the Secret changes with the ExternalSecret only, while a pod reads what AWS has when it starts.',
  ],
  syncWindows: [
    { data, syncWindows: [] },
    'spec.syncWindows has no counterpart: a pod reads what AWS has when it starts.',
  ],
  'several members': [
    { data, target: { manifest: {}, toString: 1, template: { templateFrom: [], 0: 1 } }, syncWindows: [] },
    'spec.target.template.0 has no counterpart; spec.target.template.templateFrom has no counterpart: templates of other objects are not read; write the text into spec.target.template.data; spec.target.manifest has no counterpart: it makes another object than a Secret; spec.target.toString has no counterpart; spec.syncWindows has no counterpart: a pod reads what AWS has when it starts.',
  ],
  'a list in place of an object': [{ data, target: [] }, 'spec.target has no counterpart.'],
  'a list in place of texts': [
    { data, target: { template: { data: ['a'] } } },
    'spec.target.template.data has no counterpart.',
  ],
  'a template that is no text': [
    { data, target: { template: { data: { a: 'a', b: 7 } } } },
    'spec.target.template.data.b has no counterpart.',
  ],
  'a member of nobody': [{ data, constructor: 1 }, 'spec.constructor has no counterpart.'],
  'a value of nobody': [{ data, refreshPolicy: 'toString' }, 'spec.refreshPolicy "toString" has no counterpart.'],
  'a number in place of a text': [{ data, refreshPolicy: 7 }, 'spec.refreshPolicy has no counterpart.'],
  'a refresh that never comes': [
    { data, refreshInterval: '0s' },
    'spec.refreshInterval reads AWS once, while a pod reads what AWS has when it starts.',
  ],
  'a member that is missing': [{ data: [{ secretKey: 'a' }] }, 'spec.data[0].remoteRef is missing.'],
  'a member that is null': [{ data: [{ secretKey: 'a', remoteRef: null }] }, 'spec.data[0].remoteRef is missing.'],
};

for (const [what, [spec, reason]] of Object.entries(EXTERNAL_SECRETS)) {
  t.test(`an ExternalSecret has no counterpart here: ${what}`, async (t) => {
    const read = readExternalSecret('made', { secretStoreRef: { name: 'aws' }, ...spec }, () => ok(STORE));
    t.same(read, { ok: false, name: 'made', reason });
  });
}

t.test('the keys of a template have any name', async (t) => {
  const target = { template: { data: { constructor: 'a', prototype: 'b' } } };
  const read = readExternalSecret('made', { secretStoreRef: { name: 'aws' }, data, target }, () => ok(STORE));
  t.same(read.ok && [...read.secret.keys], [
    ['constructor', ['a']],
    ['prototype', ['b']],
  ]);
});

const READER = 'arn:aws:iam::444455556666:role/reader';

const STORES: Readonly<Record<string, readonly [aws: object, problem: string]>> = {
  'a role that is none': [
    { ...AWS, role: 'reader' },
    'spec.provider.aws.role "reader" is not the ARN of an IAM role; write one like arn:aws:iam::111122223333:role/app, or several in their order with commas in between',
  ],
  'an additional role that is none': [
    { ...AWS, additionalRoles: ['hub'], role: READER },
    `spec.provider.aws.additionalRoles with role "hub, ${READER}" has "hub", which is not the ARN of an IAM role; write one like arn:aws:iam::111122223333:role/app, or several in their order with commas in between`,
  ],
  'too many additional roles': [
    { ...AWS, additionalRoles: [1, 2, 3, 4, 5].map(String) },
    'spec.provider.aws.additionalRoles with role "1, 2, 3, 4, 5" has 5 roles, and at most 4 are assumed one after another; write fewer',
  ],
  sessionTags: [{ ...AWS, sessionTags: [] }, 'spec.provider.aws.sessionTags has no counterpart: sessions get no tags'],
  'another service': [{ ...AWS, service: 'S3' }, 'spec.provider.aws.service "S3" has no counterpart'],
  'no region': [{ service: 'ParameterStore' }, 'spec.provider.aws.region is missing'],
  'an empty region': [{ ...AWS, region: '' }, 'spec.provider.aws.region has no counterpart'],
};

for (const [what, [aws, problem]] of Object.entries(STORES)) {
  t.test(`a store has no counterpart here: ${what}`, async (t) => {
    t.same(readStore({ provider: { aws } }), { ok: false, problem });
  });
}

const HUB = 'arn:aws:iam::777788889999:role/hub';

const ROLES: Readonly<Record<string, readonly [aws: object, access: object]>> = {
  'a role': [
    { role: READER, externalID: 'shop' },
    { roles: [READER], externalId: 'shop' },
  ],
  'additional roles before the role, which gets the external id': [
    { additionalRoles: [HUB], role: READER, externalID: 'shop' },
    { roles: [HUB, READER], externalId: 'shop' },
  ],
  'additional roles only, of which none gets the external id': [
    { additionalRoles: [HUB, READER], externalID: 'shop' },
    { roles: [HUB, READER] },
  ],
  'no additional role': [{ additionalRoles: [] }, {}],
};

for (const [what, [aws, access]] of Object.entries(ROLES)) {
  t.test(`a store has ${what}`, async (t) => {
    const read = readStore({ provider: { aws: { ...AWS, ...aws } } });
    t.strictSame(read.ok && read.value.access, { region: AWS.region, identity: { kind: 'web-identity' }, ...access });
  });
}
