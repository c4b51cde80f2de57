/** Tests that AWS's own endpoints are those of the SDK, in every partition of AWS. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { endpointOf } from '../../../injector/aws/endpoint.ts';

const region = 'eu-west-1';
const SDK = {
  secretsmanager: new SecretsManagerClient({ region }),
  ssm: new SSMClient({ region }),
  sts: new STSClient({ region }),
};

/** Has regions of each partition, and some that nobody knows yet. */
const REGIONS = [
  'us-east-1',
  'eu-west-1',
  'eu-central-2',
  'il-central-1',
  'mx-central-1',
  'us-new-9',
  'cn-north-1',
  'cn-northwest-1',
  'cn-new-9',
  'us-gov-east-1',
  'us-gov-west-1',
  'us-gov-new-9',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'eu-isoe-west-1',
  'eusc-de-east-1',
];

for (const service of ['secretsmanager', 'ssm', 'sts'] as const) {
  for (const useFipsEndpoint of [false, true]) {
    for (const useDualstackEndpoint of [false, true]) {
      const variant = `${useFipsEndpoint ? 'FIPS' : 'usual'}${useDualstackEndpoint ? ', dual-stack' : ''}`;
      t.test(`the ${variant} endpoints of ${service} are those of the SDK`, async (t) => {
        const { endpointProvider } = SDK[service].config;
        const flags = { UseFIPS: useFipsEndpoint, UseDualStack: useDualstackEndpoint };
        for (const region of REGIONS) {
          const config = { region, aws: { useFipsEndpoint, useDualstackEndpoint } };
          const expected = endpointProvider({ Region: region, ...flags }).url;
          t.equal(endpointOf(service, { config, region }).href, expected.href);
        }
      });
    }
  }
}
