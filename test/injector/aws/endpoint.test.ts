/** Tests to which URLs requests go, beside the rules of the SDK. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { endpointOf } from '../../../injector/aws/endpoint.ts';

/** Has a region of each of AWS's partitions, and one that nobody knows yet. */
const REGIONS = [
  'eu-west-1',
  'us-east-1',
  'cn-north-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'eusc-de-east-1',
  'xy-north-9',
];

const region = 'eu-west-1';
const PROVIDERS = {
  secretsmanager: new SecretsManagerClient({ region }).config.endpointProvider,
  ssm: new SSMClient({ region }).config.endpointProvider,
  sts: new STSClient({ region }).config.endpointProvider,
} as const;

for (const region of REGIONS) {
  for (const service of ['secretsmanager', 'ssm', 'sts'] as const) {
    t.test(`${region}: ${service} is where the SDK has it, with FIPS and both kinds of addresses too`, async (t) => {
      for (const useFipsEndpoint of [false, true]) {
        for (const useDualstackEndpoint of [false, true]) {
          const aws = { useFipsEndpoint, useDualstackEndpoint };
          const { url } = PROVIDERS[service]({
            Region: region,
            UseFIPS: useFipsEndpoint,
            UseDualStack: useDualstackEndpoint,
            UseGlobalEndpoint: false,
          });
          t.equal(endpointOf(service, { config: { region, aws }, region }).href, url.href);
        }
      }
    });
  }
}

t.test('an endpoint of the configuration is the one of STS', async (t) => {
  const aws = { endpoints: { sts: 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com' }, useFipsEndpoint: true };
  const { href } = endpointOf('sts', { config: { region, aws }, region });
  t.equal(href, 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com/');
});

t.test('the path of an endpoint ends with a slash, as the SDK has it', async (t) => {
  const config = { region, aws: { endpointUrl: 'https://aws.example.com/emulator' } };
  t.equal(endpointOf('ssm', { config, region }).href, 'https://aws.example.com/emulator/');
});
