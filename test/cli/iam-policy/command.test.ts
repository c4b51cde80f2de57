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

const POD_IDENTITY = 'Pod Identity association of ServiceAccount shop/shop';

/** Prints the roles of a pod whose role is assumed by EKS Pod Identity, and assumes another one. */
const podIdentity = (...args: string[]) =>
  runIn('iam-policy', [
    'iam-policy',
    '-f',
    'pod-identity.yaml',
    '--region',
    'eu-west-1',
    '--account',
    '111122223333',
    ...args,
  ]);

t.test(
  'names the role of an association that another one has to trust, and says that its ARN belongs there',
  async (t) => {
    const { out, err } = await podIdentity();
    t.match(JSON.parse(out).roles, [
      { role: POD_IDENTITY },
      {
        role: 'arn:aws:iam::444455556666:role/reader',
        trust: { Statement: [{ Principal: { AWS: [POD_IDENTITY] }, Action: ['sts:AssumeRole', 'sts:TagSession'] }] },
      },
    ]);
    t.equal(err, `Note: A trust policy names "${POD_IDENTITY}": write the ARN of its role there.\n`);
  },
);

t.test('refers in Terraform to the role of an association that another one has to trust', async (t) => {
  const { out, err } = await podIdentity('-o', 'terraform');
  const { reader_444455556666: reader, ...others } = JSON.parse(out).resource.aws_iam_role;
  const [id] = Object.keys(others);
  t.strictSame(JSON.parse(reader.assume_role_policy).Statement[0].Principal, { AWS: [`\${aws_iam_role.${id}.arn}`] });
  t.equal(err, '');
});

t.test('refers in CloudFormation to the role of an association that another one has to trust', async (t) => {
  const { out, err } = await podIdentity('-o', 'cloudformation');
  const { Resources } = JSON.parse(out);
  const [id] = Object.keys(Resources);
  t.strictSame(Resources.reader444455556666Role.Properties.AssumeRolePolicyDocument.Statement[0].Principal, {
    AWS: [{ 'Fn::GetAtt': [id, 'Arn'] }],
  });
  t.equal(err, '');
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
