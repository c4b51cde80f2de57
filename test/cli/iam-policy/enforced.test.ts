/** The in-memory AWS enforces each policy: the injector reads with it what a pod declares, nothing else, and not without any of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { examine } from '../../../cli/admission/examine.ts';
import type { Statement } from '../../../cli/iam-policy/policy.ts';
import { rolesOf } from '../../../cli/iam-policy/roles.ts';
import { findIn } from '../../../cli/manifests/find.ts';
import { parseManifests } from '../../../cli/manifests/parse.ts';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { encodeConfig } from '../../../injector/contract/encode.ts';
import { run } from '../../../injector/run.ts';
import { authorize } from '../../aws/iam/policy.ts';
import { createIssuer, serviceAccountToken } from '../../aws/issuer.ts';
import { type Aws, startAws } from '../../aws/server.ts';
import { createClock } from '../../injector/support/clock.ts';
import { ROLE } from '../../webhook/support/admission.ts';
import { CASES, readCase, SHAPES } from '../support/fixtures.ts';

const ACCOUNT = '111122223333';
const OTHER_ROLE = 'arn:aws:iam::444455556666:role/reader';

/** Declarations that the fixtures of pods lack, by what they are about. */
const MORE: Record<string, Record<string, string>> = {
  'a path': { 'env-from': '- ssm:/shop/', 'env-file': 'shop.env' },
  'a prefix and a tag': { objects: '- { prefix: shop/, tags: { team: shop }, objectType: secretsmanager }' },
  'another account': { files: 'a: shop/a', 'role-arn': OTHER_ROLE, 'external-id': 'shop' },
  'two regions': { files: 'a: shop/a\nb: ssm:/shop/b', 'failover-region': 'eu-central-1' },
};

async function configsOf(): Promise<[string, InjectorConfig][]> {
  const configs: [string, InjectorConfig][] = [];
  const add = async (
    name: string,
    pod: Record<string, unknown>,
    world: Awaited<ReturnType<typeof readCase>>['world'],
  ) => {
    const { manifests } = parseManifests('pod.yaml', stringify(SHAPES['Pod']?.(pod)));
    for (const template of findIn(manifests).templates) {
      const examined = await examine(template, world);
      const config = examined.ok && examined.refusals.length === 0 ? examined.injection?.config : undefined;
      if (config?.identity.kind === 'web-identity') configs.push([name, config]);
    }
  };
  for (const name of CASES) {
    const { pod, world } = await readCase(name);
    await add(name, pod, world);
  }
  const { world } = await readCase('declaration/smallest');
  for (const [name, annotations] of Object.entries(MORE)) {
    const own = Object.entries(annotations).map(([key, value]) => [`aws-secrets-injector.dev/${key}`, value]);
    const spec = { serviceAccountName: 'app', containers: [{ name: 'app', image: 'app' }] };
    await add(name, { metadata: { annotations: Object.fromEntries(own) }, spec }, world);
  }
  return configs;
}

function roles(config: InjectorConfig) {
  return rolesOf([{ account: { namespace: 'shop', name: 'app' }, config }], { account: ACCOUNT });
}

const inTest = (statements: readonly Statement[]) =>
  statements.map(({ Action, Resource }) => ({ actions: [...Action], resources: [...Resource] }));

type Attempt = { readonly config: InjectorConfig; readonly without?: string };

/** Runs the injector with the policies, and returns the actions that AWS denied. `without` is the Sid of a statement to leave out. */
async function deniedIn(t: Test, { config, without }: Attempt): Promise<string[]> {
  const assumed = config.assume?.roleArn;
  const aws = await startAws({ account: assumed?.split(':')[4] ?? ACCOUNT });
  t.teardown(aws.close);
  const issuer = createIssuer({ algorithm: 'ES256' });
  aws.addIssuer(issuer);
  const trust = [{ issuer: issuer.issuer, subjects: ['system:serviceaccount:shop:app'] }];
  for (const { role, policy } of roles(config)) {
    const statements = policy.Statement.filter(({ Sid }) => Sid !== without);
    const trusted = [{ arn: ROLE, externalId: config.assume?.externalId }];
    const who = role === assumed ? { trustedPrincipals: trusted } : { trust };
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

/** Creates everything that is declared, in each region that is asked. */
function seed(aws: Aws, { objects, searches = [], region: own }: InjectorConfig): void {
  for (const { service, name, failover, region = own } of objects) {
    for (const place of [{ name, region }, ...(failover ? [failover] : [])]) create(aws, service, place);
  }
  for (const { service, region = own } of searches) {
    create(aws, service, { name: service === 'ssm' ? '/shop/key' : 'shop/key', region });
  }
}

function create(aws: Aws, service: string, place: { readonly name: string; readonly region: string }): void {
  const name = place.name.replace(/^arn:.*:(secret:|parameter)/, '');
  if (service === 'ssm') aws.setParameter({ name, value: '{}', type: 'String', region: place.region });
  else aws.setSecret({ name, value: '{}', tags: { team: 'shop' }, region: place.region });
}

for (const [name, config] of await configsOf()) {
  t.test(`${name}: the policy lets the injector read what is declared`, async (t) => {
    t.same(await deniedIn(t, { config }), []);
  });

  const statements = roles(config).flatMap(({ policy }) => policy.Statement);
  // A batch that is denied is read one by one, so that this statement only makes it quicker.
  for (const { Sid } of statements.filter(({ Sid }) => Sid !== 'ReadManyAtOnce')) {
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
      policy: () => inTest(statements),
    };
    for (const [action, resource] of [
      ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:canary-AbCdEf`],
      ['secretsmanager:PutSecretValue', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:shop/a-AbCdEf`],
      ['ssm:GetParameters', `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/canary`],
      ['kms:Decrypt', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/canary`],
    ] as const) {
      t.throws(() => authorize(principal, action, resource), { code: 'AccessDeniedException' }, resource);
    }
  });
}
