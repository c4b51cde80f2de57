import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import t from 'tap';
import { KEY, startWithUser } from '../clients.ts';

const V1 = '11111111-1111-4111-8111-111111111111';
const V2 = '22222222-2222-4222-8222-222222222222';

t.test('reads a secret by name, by ARN and by an ARN without its suffix', async (t) => {
  const { aws, clients } = await startWithUser(t);
  const { arn } = aws.setSecret({ name: 'app1/db', value: '{"a":1}' });
  t.match(arn, /^arn:aws:secretsmanager:eu-west-1:123456789012:secret:app1\/db-[A-Za-z0-9]{6}$/);
  for (const SecretId of ['app1/db', arn, arn.slice(0, -7)]) {
    const answer = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
    t.match(answer, { ARN: arn, Name: 'app1/db', SecretString: '{"a":1}', VersionStages: ['AWSCURRENT'] });
  }
});

t.test('gives binary secrets as bytes', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 'bytes', value: new Uint8Array([0, 255, 10]) });
  const answer = await clients.secretsManager.send(new GetSecretValueCommand({ SecretId: 'bytes' }));
  t.same([...(answer.SecretBinary ?? [])], [0, 255, 10]);
  t.equal(answer.SecretString, undefined);
});

t.test('keeps versions and moves their stages', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'one', versionId: V1 });
  aws.setSecret({ name: 's', value: 'two', versionId: V2 });
  aws.setSecret({ name: 's', value: 'three', stages: ['AWSPENDING'] });
  const read = async (which: object) =>
    (await clients.secretsManager.send(new GetSecretValueCommand({ SecretId: 's', ...which }))).SecretString;
  t.equal(await read({}), 'two');
  t.equal(await read({ VersionStage: 'AWSPREVIOUS' }), 'one');
  t.equal(await read({ VersionStage: 'AWSPENDING' }), 'three');
  t.equal(await read({ VersionId: V1 }), 'one');
  await t.rejects(read({ VersionId: V1, VersionStage: 'AWSCURRENT' }), { name: 'InvalidRequestException' });
  await t.rejects(read({ VersionStage: 'nope' }), {
    name: 'ResourceNotFoundException',
    message: /staging label: nope/,
  });
});

t.test('describes a secret, even one that is scheduled for deletion and cannot be read', async (t) => {
  const { aws, clients } = await startWithUser(t);
  aws.setSecret({ name: 's', value: 'x', versionId: V1, tags: { team: 'a' } });
  aws.deleteSecret('s');
  const answer = await clients.secretsManager.send(new DescribeSecretCommand({ SecretId: 's' }));
  t.match(answer, { VersionIdsToStages: { [V1]: ['AWSCURRENT'] }, Tags: [{ Key: 'team', Value: 'a' }] });
  t.ok(answer.DeletedDate instanceof Date);
  await t.rejects(clients.secretsManager.send(new GetSecretValueCommand({ SecretId: 's' })), {
    name: 'InvalidRequestException',
    message: /marked for deletion/,
  });
});

t.test('refuses what the policy does not allow in the words of AWS, on the ARN or on an unknown name', async (t) => {
  const resources = ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:mine-*'];
  const { aws, clients } = await startWithUser(t, {
    policy: [{ actions: ['secretsmanager:GetSecretValue'], resources }],
  });
  aws.setSecret({ name: 'mine', value: 'x' });
  const { arn } = aws.setSecret({ name: 'other', value: 'x' });
  const get = (SecretId: string) => clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  await t.resolves(get('mine'));
  await t.rejects(get('other'), {
    name: 'AccessDeniedException',
    message: `User: arn:aws:iam::123456789012:user/tester is not authorized to perform: secretsmanager:GetSecretValue on resource: ${arn} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
  });
  await t.rejects(get('mine-gone'), { name: 'AccessDeniedException', message: /on resource: mine-gone because/ });
  await t.rejects(clients.secretsManager.send(new DescribeSecretCommand({ SecretId: 'mine' })), {
    name: 'AccessDeniedException',
    message: /secretsmanager:DescribeSecret/,
  });
});

t.test('obeys an explicit deny, and needs kms:Decrypt for a customer managed key', async (t) => {
  const { aws, clients } = await startWithUser(t, {
    policy: [
      { actions: ['secretsmanager:*'], resources: ['*'] },
      { effect: 'Deny', actions: ['*'], resources: ['*:secret:private-*'] },
    ],
  });
  aws.setSecret({ name: 'private', value: 'x' });
  aws.setSecret({ name: 'keyed', value: 'x', kmsKeyArn: KEY });
  const get = (SecretId: string) => clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  await t.rejects(get('private'), { name: 'AccessDeniedException', message: /with an explicit deny/ });
  await t.rejects(get('keyed'), { name: 'AccessDeniedException', message: 'Access to KMS is not allowed' });
});

t.test('keeps regions and accounts apart', async (t) => {
  const { aws, clients } = await startWithUser(t);
  const far = aws.setSecret({ name: 'far', value: 'x', region: 'eu-central-1' });
  const theirs = aws.setSecret({ name: 'theirs', value: 'x', account: '210987654321' });
  const shared = { account: '210987654321', sharedWith: ['123456789012'] };
  const ours = aws.setSecret({ name: 'ours', value: 'x', kmsKeyArn: KEY, ...shared });
  const unkeyed = aws.setSecret({ name: 'unkeyed', value: 'x', ...shared });
  const get = (SecretId: string) => clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  await t.rejects(get('far'), { name: 'ResourceNotFoundException' });
  await t.rejects(get(far.arn), { name: 'ResourceNotFoundException' });
  await t.rejects(get(theirs.arn), { name: 'AccessDeniedException', message: /no resource-based policy/ });
  await t.rejects(get(unkeyed.arn), { name: 'AccessDeniedException', message: /KMS/ });
  await t.resolves(get(ours.arn));
});

t.test('refuses names and versions that are no names and versions', async (t) => {
  const { clients } = await startWithUser(t);
  const get = (input: { SecretId: string; VersionId?: string }) =>
    clients.secretsManager.send(new GetSecretValueCommand(input));
  await t.rejects(get({ SecretId: 'a b' }), { name: 'ValidationException', message: /Invalid name/ });
  await t.rejects(get({ SecretId: 's', VersionId: 'short' }), { name: 'ValidationException' });
});

t.test('takes what ends like a suffix for a full ARN, and knows other accounts by full ARNs only', async (t) => {
  const { aws, clients } = await startWithUser(t);
  const { arn } = aws.setSecret({ name: 'app-abcdef', value: 'x' });
  const shared = { account: '210987654321', sharedWith: ['123456789012'], kmsKeyArn: KEY };
  const theirs = aws.setSecret({ name: 'theirs', value: 'x', ...shared });
  const get = (SecretId: string) => clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  await t.resolves(get(arn));
  await t.rejects(get(arn.slice(0, -7)), { name: 'ResourceNotFoundException' });
  await t.resolves(get(theirs.arn));
  await t.rejects(get(theirs.arn.slice(0, -7)), { name: 'AccessDeniedException' });
});
