/** The in-memory AWS enforces each policy: the injector reads with it what a pod declares, nothing else, and not without any of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import type { Statement } from '../../../cli/iam-policy/policy.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { encodeConfig } from '../../../injector/contract/encode.ts';
import { run } from '../../../injector/run.ts';
import { authorize } from '../../aws/iam/policy.ts';
import { createIssuer, serviceAccountToken } from '../../aws/issuer.ts';
import { type Aws, startAws } from '../../aws/server.ts';
import { createClock } from '../../injector/support/clock.ts';
import { ROLE } from '../../webhook/support/admission.ts';
import { ACCOUNT, configsOf, KEY, rolesFor } from '../support/roles.ts';
import { trustedPrincipals } from '../support/trusted.ts';

const inTest = (statements: readonly Statement[]) =>
  statements.map(({ Action, Resource, Condition }) => ({
    actions: [...Action],
    resources: [...Resource],
    conditions: { ...Condition?.['StringEquals'] },
  }));

type Attempt = { readonly config: InjectorConfig; readonly without?: string };

/** Runs the injector with the policies, and returns the actions that AWS denied. `without` is the Sid of a statement to leave out. */
async function deniedIn(t: Test, { config, without }: Attempt): Promise<string[]> {
  const aws = await startAws({ account: config.assume?.roleArn.split(':')[4] ?? ACCOUNT });
  t.teardown(aws.close);
  const issuer = createIssuer({ algorithm: 'ES256' });
  aws.addIssuer(issuer);
  const trust = [{ issuer: issuer.issuer, subjects: ['system:serviceaccount:shop:app'] }];
  for (const { role, policy, trust: printed } of rolesFor(config)) {
    const statements = policy.Statement.filter(({ Sid }) => Sid !== without);
    const who = role === ROLE ? { trust } : { trustedPrincipals: trustedPrincipals(printed) };
    aws.addRole({ arn: role, ...who, policy: inTest(statements) });
  }
  seed(aws, config);
  // The first look of a rotation reads the same objects.
  const { aws: _aws, rotation: _rotation, ...rest } = config;
  const { tokenFile } = config.identity;
  const root = t.testdir({});
  for (const directory of [dirname(tokenFile), config.directory]) mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, tokenFile), serviceAccountToken(issuer, { namespace: 'shop', serviceAccount: 'app' }));
  const configText = encodeConfig({ ...rest, aws: { endpointUrl: aws.url } } as InjectorConfig);
  await run({ configText, podName: 'app-1', root, clock: createClock([]), write: () => {} });
  return [
    ...new Set(aws.calls.filter(({ error }) => /AccessDenied/.test(error ?? '')).map(({ operation }) => operation)),
  ];
}

/** Creates everything that is declared, in each region that is asked, with the version that is named. */
function seed(aws: Aws, { objects, searches = [], region: own }: InjectorConfig): void {
  for (const { service, name, version, failover, region = own } of objects) {
    for (const place of [{ name, region }, ...(failover ? [failover] : [])])
      create(aws, service, { version, ...place });
  }
  for (const { service, region = own, ...search } of searches) {
    const start = 'path' in search ? `${search.path.replace(/\/$/, '')}/` : (search.prefix ?? '');
    create(aws, service, { name: `${start}key`, region });
  }
}

type Place = { readonly name: string; readonly region: string; readonly version?: string | undefined };

function create(aws: Aws, service: string, { name: given, region, version }: Place): void {
  const name = given.replace(/^arn:.*:(secret:|parameter)/, '');
  const object = { name, value: '{}', kmsKeyArn: KEY, region };
  if (service !== 'ssm') {
    aws.setSecret({ ...object, tags: { team: 'shop' }, ...(version && { versionId: version }) });
    return;
  }
  const versions = Number(version ?? 1);
  for (let made = 0; made < versions; made++) {
    aws.setParameter({ ...object, type: 'SecureString', tags: { team: 'shop' } });
  }
}

for (const [name, config] of await configsOf()) {
  t.test(`${name}: the policy lets the injector read what is declared`, async (t) => {
    t.same(await deniedIn(t, { config }), []);
  });

  const statements = rolesFor(config).flatMap(({ policy }) => policy.Statement);
  // A batch that is denied is read one by one, so that this statement only makes it quicker.
  for (const Sid of new Set(statements.map((one) => one.Sid).filter((Sid) => Sid !== 'ReadManyAtOnce'))) {
    t.test(`${name}: without the statement ${Sid}, it can not`, async (t) => {
      t.not((await deniedIn(t, { config, without: Sid })).length, 0);
    });
  }

  t.test(`${name}: the policy lets nothing else be read`, async (t) => {
    const principal = {
      arn: ROLE,
      account: ACCOUNT,
      identity: ROLE,
      sessionName: undefined,
      hasTags: false,
      policy: () => inTest(statements),
    };
    for (const [action, resource] of [
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:canary-AbCdEf`],
      ['secretsmanager:PutSecretValue', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:shop/a-AbCdEf`],
      ['ssm:GetParameters', `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/canary`],
      ['kms:Decrypt', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/canary`],
      // Neither without a service in between, nor without the tag that a search asks for.
      ['kms:Decrypt', KEY],
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:shop/untagged-AbCdEf`],
    ] as const) {
      t.throws(() => authorize(principal, action, resource), { code: 'AccessDeniedException' }, resource);
    }
  });
}
