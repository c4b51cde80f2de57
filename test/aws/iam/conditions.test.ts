import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import t from 'tap';
import { KEY, startWithUser } from '../clients.ts';

const allow = (actions: string[], conditions: { [key: string]: string }) => [
  { actions: ['secretsmanager:*', 'ssm:*'], resources: ['*'] },
  { actions, resources: [KEY], conditions },
];

t.test('a condition on the tags of a secret lets only secrets with the tag be read', async (t) => {
  const conditions = { 'secretsmanager:ResourceTag/team': 'shop' };
  const { aws, clients } = await startWithUser(t, {
    policy: [{ actions: ['secretsmanager:GetSecretValue'], resources: ['*'], conditions }],
  });
  aws.setSecret({ name: 'ours', value: 'x', tags: { team: 'shop' } });
  aws.setSecret({ name: 'theirs', value: 'x', tags: { team: 'stock' } });
  const get = (SecretId: string) => clients.secretsManager.send(new GetSecretValueCommand({ SecretId }));
  await t.resolveMatch(get('ours'), { SecretString: 'x' });
  await t.rejects(get('theirs'), { name: 'AccessDeniedException' });
});

t.test('a condition on the service lets a key decrypt for that service alone', async (t) => {
  const conditions = { 'kms:ViaService': 'ssm.eu-west-1.amazonaws.com' };
  const { aws, clients } = await startWithUser(t, { policy: allow(['kms:Decrypt'], conditions) });
  aws.setSecret({ name: 's', value: 'x', kmsKeyArn: KEY });
  aws.setParameter({ name: '/p', value: 'x', type: 'SecureString', kmsKeyArn: KEY });
  const parameter = clients.ssm.send(new GetParameterCommand({ Name: '/p', WithDecryption: true }));
  await t.resolveMatch(parameter, { Parameter: { Value: 'x' } });
  await t.rejects(clients.secretsManager.send(new GetSecretValueCommand({ SecretId: 's' })), { message: /KMS/ });
});
