/**
 * Makes the world of the demo: an in-memory AWS with a few secrets, and a role that the ServiceAccount demo/shop may assume.
 */
import { createIssuer, serviceAccountToken } from '../aws/issuer.ts';
import { type Aws, startAws } from '../aws/server.ts';

export const REGION = 'eu-west-1';
export const ROLE = 'arn:aws:iam::111122223333:role/shop';

export type World = { readonly aws: Aws; readonly token: () => string };

/** Values are made up, and in this file for everybody to read. */
export async function startWorld(): Promise<World> {
  const aws = await startAws({ region: REGION, account: '111122223333' });
  const issuer = createIssuer();
  aws.addIssuer(issuer);
  aws.addRole({
    arn: ROLE,
    trust: [{ issuer: issuer.issuer, subjects: ['system:serviceaccount:demo:shop'] }],
    policy: [
      { actions: ['secretsmanager:GetSecretValue', 'ssm:GetParameters'], resources: ['*'] },
      { effect: 'Deny', actions: ['*'], resources: ['*:secret:hr/*'] },
    ],
  });
  aws.setSecret({ name: 'app1/db', value: '{"username":"shop","password":"correct horse battery staple"}' });
  aws.setSecret({
    name: 'app1/tls-key',
    value: '-----BEGIN PRIVATE KEY-----\nnot a real one\n-----END PRIVATE KEY-----\n',
  });
  aws.setSecret({ name: 'hr/payroll', value: 'not for the shop' });
  aws.setParameter({ name: '/app1/api-key', value: 'demo-9f1c', type: 'SecureString' });
  return { aws, token: () => serviceAccountToken(issuer, { namespace: 'demo', serviceAccount: 'shop' }) };
}
