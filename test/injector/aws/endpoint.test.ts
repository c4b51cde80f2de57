/** Tests to which URL the first request to STS goes, beside the rules of the SDK. */
import { STSClient } from '@aws-sdk/client-sts';
import t from 'tap';
import { stsEndpoint } from '../../../injector/aws/endpoint.ts';

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

const { endpointProvider } = new STSClient({ region: 'eu-west-1' }).config;

for (const region of REGIONS) {
  t.test(`${region}: STS is where the SDK has it, with FIPS and both kinds of addresses too`, async (t) => {
    for (const useFipsEndpoint of [false, true]) {
      for (const useDualstackEndpoint of [false, true]) {
        const endpoint = stsEndpoint({ config: { region, aws: { useFipsEndpoint, useDualstackEndpoint } }, region });
        const { url } = endpointProvider({
          Region: region,
          UseFIPS: useFipsEndpoint,
          UseDualStack: useDualstackEndpoint,
          UseGlobalEndpoint: false,
        });
        t.equal(endpoint.href, url.href);
      }
    }
  });
}

t.test('an endpoint of the configuration is the one of STS', async (t) => {
  const aws = { endpoints: { sts: 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com' }, useFipsEndpoint: true };
  const { href } = stsEndpoint({ config: { region: 'eu-west-1', aws }, region: 'eu-west-1' });
  t.equal(href, 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com/');
});
