import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  paginateListSecrets,
} from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { type Clients, clientsOf, KEY, startWithUser } from '../clients.ts';
import type { Aws } from '../server.ts';

function plant(aws: Aws): void {
  aws.setSecret({ name: 'app1/db', value: 'one', tags: { team: 'shop', stage: 'prod' }, description: 'The Database' });
  aws.setSecret({ name: 'app1/key', value: 'two', tags: { team: 'shopping', Team: 'x' } });
  aws.setSecret({ name: 'app10/db', value: 'three', tags: { stage: 'shop' } });
  aws.setSecret({ name: 'app1/old', value: 'gone' });
  aws.deleteSecret('app1/old');
  aws.setSecret({ name: 'app1/far', value: 'far', region: 'us-west-2' });
  aws.setSecret({ name: 'app1/theirs', value: 'theirs', account: '210987654321' });
}

async function list({ secretsManager }: Clients, input: ListSecretsCommandInput): Promise<string[]> {
  const { SecretList = [] } = await secretsManager.send(new ListSecretsCommand(input));
  return SecretList.map(({ Name = '' }) => Name).sort();
}

const filters: { title: string; Filters: ListSecretsCommandInput['Filters']; found: string[] }[] = [
  { title: 'no filter: all but deleted ones', Filters: [], found: ['app1/db', 'app1/key', 'app10/db'] },
  {
    title: 'a name is a prefix',
    Filters: [{ Key: 'name', Values: ['app1'] }],
    found: ['app1/db', 'app1/key', 'app10/db'],
  },
  { title: 'a name has its case', Filters: [{ Key: 'name', Values: ['App1'] }], found: [] },
  {
    title: 'a tag value is a prefix',
    Filters: [{ Key: 'tag-value', Values: ['shop'] }],
    found: ['app1/db', 'app1/key', 'app10/db'],
  },
  {
    title: "a tag's key and value need not be the same tag's",
    Filters: [
      { Key: 'tag-key', Values: ['stage'] },
      { Key: 'tag-value', Values: ['shop'] },
    ],
    found: ['app1/db', 'app10/db'],
  },
  { title: 'a description has no case', Filters: [{ Key: 'description', Values: ['the data'] }], found: ['app1/db'] },
  {
    title: 'all looks for words anywhere',
    Filters: [{ Key: 'all', Values: ['DATABASE x-ray'] }],
    found: ['app1/db', 'app1/key'],
  },
  { title: 'an exclamation mark excludes', Filters: [{ Key: 'name', Values: ['!app1/'] }], found: ['app10/db'] },
  {
    title: 'any value is enough',
    Filters: [{ Key: 'name', Values: ['app10', 'app1/k'] }],
    found: ['app1/key', 'app10/db'],
  },
];

for (const { title, Filters, found } of filters) {
  t.test(`lists secrets: ${title}`, async (t) => {
    const { aws, clients } = await startWithUser(t);
    plant(aws);
    t.same(await list(clients, { Filters }), found);
  });
}

t.test('lists secrets in pages, one of them empty, in the order that is asked for', async (t) => {
  const { aws, clients } = await startWithUser(t);
  plant(aws);
  const input = { MaxResults: 2, SortBy: 'name', SortOrder: 'asc' } as const;
  const pages: (string | undefined)[][] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client: clients.secretsManager }, input)) {
    pages.push(SecretList.map(({ Name }) => Name));
  }
  t.same(pages, [['app1/db', 'app1/key'], [], ['app10/db']]);
  await t.rejects(list(clients, { NextToken: 'MQ==' }), { name: 'InvalidNextTokenException' });
  for (const input of [
    { MaxResults: 101 },
    { Filters: [{ Key: 'name', Values: ['ä'] }] },
  ] as ListSecretsCommandInput[]) {
    await t.rejects(list(clients, input), { name: 'ValidationException' });
  }
});

t.test('a listed secret says all but its value', async (t) => {
  const { aws, clients } = await startWithUser(t);
  const { arn } = aws.setSecret({ name: 's', value: 'hidden', tags: { a: 'b' }, kmsKeyArn: KEY, description: 'd' });
  aws.deleteSecret('s');
  const answer = await clients.secretsManager.send(new ListSecretsCommand({ IncludePlannedDeletion: true }));
  t.match(answer.SecretList, [
    { ARN: arn, Name: 's', Description: 'd', KmsKeyId: KEY, Tags: [{ Key: 'a', Value: 'b' }] },
  ]);
  t.ok(answer.SecretList?.[0]?.DeletedDate instanceof Date);
  t.notMatch(JSON.stringify(answer), 'hidden');
});

const batch = ({ secretsManager }: Clients, input: object): Promise<BatchGetSecretValueCommandOutput> =>
  secretsManager.send(new BatchGetSecretValueCommand(input));

t.test('reads a batch by ids; what fails for one of them is in Errors', async (t) => {
  const { aws, clients } = await startWithUser(t);
  plant(aws);
  const answer = await batch(clients, { SecretIdList: ['app1/db', 'nope', 'app1/old', 'app1/key'] });
  t.same(answer.SecretValues?.map(({ Name, SecretString }) => [Name, SecretString]).sort(), [
    ['app1/db', 'one'],
    ['app1/key', 'two'],
  ]);
  t.same(answer.Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode]).sort(), [
    ['app1/old', 'InvalidRequestException'],
    ['nope', 'ResourceNotFoundException'],
  ]);
});

t.test('reads a batch by filters, in pages', async (t) => {
  const { aws, clients } = await startWithUser(t);
  plant(aws);
  const Filters = [{ Key: 'name', Values: ['app1/'] }];
  const found: (string | undefined)[] = [];
  for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
    const page = await batch(clients, { Filters, MaxResults: 1, NextToken });
    found.push(...(page.SecretValues ?? []).map(({ SecretString }) => SecretString));
    NextToken = page.NextToken;
  }
  t.same(found.sort(), ['one', 'two']);
});

t.test('refuses batches that are too long or name nothing, and ids together with filters', async (t) => {
  const { clients } = await startWithUser(t);
  const tooLong = Array.from({ length: 21 }, (_, index) => `s${index}`);
  await t.rejects(batch(clients, { SecretIdList: tooLong }), { name: 'ValidationException' });
  await t.rejects(batch(clients, { SecretIdList: ['s0', ''] }), { name: 'ValidationException' });
  await t.rejects(batch(clients, {}), { name: 'InvalidParameterException' });
  const both = { SecretIdList: ['a1'], Filters: [{ Key: 'name', Values: ['a'] }] };
  await t.rejects(batch(clients, both), { name: 'InvalidParameterException' });
});

t.test('a batch needs its own permission, and that of each secret', async (t) => {
  const GetSecretValue = { actions: ['secretsmanager:GetSecretValue'], resources: ['*:secret:app1/db-*'] };
  const { aws, clients } = await startWithUser(t, { policy: [GetSecretValue] });
  plant(aws);
  const ids = { SecretIdList: ['app1/db', 'app1/key'] };
  await t.rejects(batch(clients, ids), {
    name: 'AccessDeniedException',
    message: /perform: secretsmanager:BatchGetSecretValue on resource: \* because/,
  });
  const actions = ['secretsmanager:BatchGetSecretValue'];
  const user = { arn: 'arn:aws:iam::123456789012:user/b', accessKeyId: 'AKIAB', secretAccessKey: 'b' };
  aws.addUser({ ...user, policy: [GetSecretValue, { actions, resources: ['*'] }] });
  const allowed = clientsOf(aws, { credentials: user });
  t.teardown(allowed.destroy);
  const answer = await batch(allowed, ids);
  t.match(answer.SecretValues, [{ Name: 'app1/db' }]);
  t.match(answer.Errors, [{ SecretId: 'app1/key', ErrorCode: 'AccessDeniedException' }]);
  await t.rejects(batch(allowed, { Filters: [{ Key: 'name', Values: ['app1'] }] }), { message: /ListSecrets/ });
  await t.rejects(list(allowed, {}), { name: 'AccessDeniedException', message: /secretsmanager:ListSecrets/ });
});
