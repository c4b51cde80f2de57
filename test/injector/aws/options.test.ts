/** Tests to which hosts each option of `aws` sends the requests of the compiled injector. */
import t from 'tap';
import type { InjectorConfig } from '../../../injector/contract/config.ts';
import { createWorld, parameter, secret } from '../support/world.ts';

const REGION = 'eu-west-1';

const rows: [what: string, aws: InjectorConfig['aws'], sts: string, secretsmanager: string, ssm: string][] = [
  [
    'no option',
    {},
    `sts.${REGION}.amazonaws.com`,
    `secretsmanager.${REGION}.amazonaws.com`,
    `ssm.${REGION}.amazonaws.com`,
  ],
  [
    'useDualstackEndpoint',
    { useDualstackEndpoint: true },
    `sts.${REGION}.api.aws`,
    // This name has both kinds of addresses, as AWS's endpoint rules have it.
    `secretsmanager.${REGION}.amazonaws.com`,
    `ssm.${REGION}.api.aws`,
  ],
  [
    'useFipsEndpoint',
    { useFipsEndpoint: true },
    `sts-fips.${REGION}.amazonaws.com`,
    `secretsmanager-fips.${REGION}.amazonaws.com`,
    `ssm-fips.${REGION}.amazonaws.com`,
  ],
  [
    'endpoints of single services',
    { endpoints: { ssm: 'https://ssm.eu-central-1.amazonaws.com', sts: 'https://sts.us-east-1.amazonaws.com' } },
    'sts.us-east-1.amazonaws.com',
    `secretsmanager.${REGION}.amazonaws.com`,
    'ssm.eu-central-1.amazonaws.com',
  ],
  [
    'endpointUrl',
    { endpointUrl: 'https://ssm.eu-central-1.amazonaws.com' },
    'ssm.eu-central-1.amazonaws.com',
    'ssm.eu-central-1.amazonaws.com',
    'ssm.eu-central-1.amazonaws.com',
  ],
];

for (const [what, aws, ...hosts] of rows) {
  t.test(`${what}: requests go to ${hosts.join()}`, async (t) => {
    const world = await createWorld(t, undefined, { tls: true, proxy: {} });
    world.aws.setSecret({ name: 'db', value: 'x' });
    world.aws.setParameter({ name: '/port', value: 'x' });
    const config = world.config([secret('db'), parameter('/port', 'port')], {
      retryTimeoutSeconds: 1,
      aws: { httpsProxy: world.aws.proxy?.url ?? '', caBundle: world.aws.certificate ?? '', ...aws },
    });
    const { message } = await world.spawn(config).finished;
    const asked = [...new Set(world.aws.proxy?.asked)].sort();
    t.strictSame(asked, [...new Set(hosts)].map((host) => `${host}:443`).sort(), message);
  });
}
