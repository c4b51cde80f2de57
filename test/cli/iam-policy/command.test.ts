import t from 'tap';
import { runIn } from '../support/run.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/shop';
const policy = (...args: string[]) => runIn('iam-policy', ['iam-policy', '-f', 'shop.yaml', ...args]);
const known = ['--region', 'eu-west-1', '--oidc-provider', 'https://oidc.example/id/1'];

t.test('prints the policy and the trust policy of a role as JSON and nothing else', async (t) => {
  const { code, out, err } = await policy(...known, '--kms-key', KEY);
  t.equal(code, 0);
  t.equal(err, '');
  t.match(JSON.parse(out), {
    roles: [
      {
        role: 'arn:aws:iam::111122223333:role/apps/shop',
        policy: {
          Statement: [
            { Resource: ['arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-??????'] },
            { Resource: ['arn:aws:ssm:eu-west-1:111122223333:parameter/shop/key'] },
            { Action: ['kms:Decrypt'], Resource: [KEY] },
          ],
        },
        trust: {
          Statement: [
            {
              Principal: { Federated: 'arn:aws:iam::111122223333:oidc-provider/oidc.example/id/1' },
              Condition: { StringEquals: { 'oidc.example/id/1:sub': ['system:serviceaccount:shop:shop'] } },
            },
          ],
        },
      },
    ],
  });
});

t.test('says what the trust policy needs', async (t) => {
  const { code, out, err } = await policy('--region', 'eu-west-1');
  t.equal(code, 0);
  t.match(err, /^Note: The trust policy needs the OIDC provider of the cluster: say it by --oidc-provider\.\n$/);
  t.notMatch(out, '"trust"');
});

t.test('writes a role for Terraform', async (t) => {
  const { aws_iam_role, aws_iam_role_policy } = JSON.parse((await policy(...known, '-o', 'terraform')).out).resource;
  t.equal(aws_iam_role.apps_shop_111122223333.name, 'shop');
  t.match(JSON.parse(aws_iam_role_policy.apps_shop_111122223333.policy), { Version: '2012-10-17' });
});

t.test('writes a role for CloudFormation', async (t) => {
  t.match(JSON.parse((await policy(...known, '-o', 'cloudformation')).out), {
    Resources: {
      appsshop111122223333Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'shop' } },
      appsshop111122223333Policy: { Type: 'AWS::IAM::RolePolicy', DependsOn: 'appsshop111122223333Role' },
    },
  });
});

t.test('does not guess a region', async (t) => {
  const { code, out, err } = await policy();
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /^shop\.yaml: Deployment shop\/shop: The region is not known: say it by --region\.\n$/);
});

t.test('prints nothing but the reason where a pod would be refused', async (t) => {
  const { code, out, err } = await runIn('lint', ['iam-policy', '-f', 'typo.yaml', '--region', 'eu-west-1']);
  t.equal(code, 1);
  t.equal(out, '');
  t.match(err, /\[ASI_ADMIT_UNKNOWN_ANNOTATION\]/);
});
