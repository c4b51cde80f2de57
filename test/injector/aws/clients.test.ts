/** Tests the settings of the SDK's clients. */
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { HttpRequest } from '@smithy/types';
import t from 'tap';
import { settings } from '../../../injector/aws/clients.ts';
import { trustMachine } from '../../../injector/aws/trust.ts';
import type { ServiceName } from '../../../injector/contract/services.ts';
import { CONFIG } from '../support/config.ts';

/** Returns the settings with a request handler that only remembers each request. */
function recorded(service: ServiceName) {
  const requests: HttpRequest[] = [];
  const credentials = async () => ({ accessKeyId: 'AKIA', secretAccessKey: 'x' });
  const given = settings(service, { config: CONFIG, region: CONFIG.region, trust: trustMachine, credentials });
  const handle = async (request: HttpRequest) => {
    requests.push(request);
    return { response: { statusCode: 200, headers: {}, body: Buffer.from('{}') } };
  };
  return { requests, settings: { ...given, requestHandler: { ...given.requestHandler, handle } } };
}

t.test('the clients follow no file of the SDK’s configuration', async (t) => {
  const file = '[default]\nmax_attempts = 9\nendpoint_url = http://127.0.0.1:9\n';
  const before = process.env['AWS_CONFIG_FILE'];
  process.env['AWS_CONFIG_FILE'] = join(t.testdir({ config: file }), 'config');
  t.teardown(() => {
    if (before === undefined) delete process.env['AWS_CONFIG_FILE'];
    else process.env['AWS_CONFIG_FILE'] = before;
  });
  const [secrets, parameters] = [recorded('secretsmanager'), recorded('ssm')];
  await new SecretsManagerClient(secrets.settings).send(new GetSecretValueCommand({ SecretId: 'db' }));
  await new SSMClient(parameters.settings).send(new GetParametersCommand({ Names: ['/port'] }));
  t.strictSame(
    [...secrets.requests, ...parameters.requests].map(({ hostname, headers }) => [
      hostname,
      headers['amz-sdk-request'],
    ]),
    [
      ['secretsmanager.eu-west-1.amazonaws.com', 'attempt=1; max=3'],
      ['ssm.eu-west-1.amazonaws.com', 'attempt=1; max=3'],
    ],
  );
});
