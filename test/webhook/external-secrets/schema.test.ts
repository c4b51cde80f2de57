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
  rewrite: [
    { dataFrom: [{ extract: { key: 'a' }, rewrite: [] }] },
    'spec.dataFrom[0].rewrite has no counterpart: keys can not be renamed by a pattern; name each key in data, or give variables a prefix by envFrom.',
  ],
  templateFrom: [
    { data, target: { template: { templateFrom: [] } } },
    'spec.target.template.templateFrom has no counterpart: templates of other objects are not read; write the text into spec.target.template.data.',
  ],
  v1: [
    { data, target: { template: { engineVersion: 'v1' } } },
    'spec.target.template.engineVersion "v1" has no counterpart: templates are read as v2; write the template for engineVersion v2.',
  ],
  Unicode: [
    { data: [{ secretKey: 'a', remoteRef: { key: 'a', conversionStrategy: 'Unicode' } }] },
    'spec.data[0].remoteRef.conversionStrategy "Unicode" has no counterpart: keys keep their names; name each key in data.',
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
