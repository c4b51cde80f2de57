import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { type Aws, type AwsOptions, type Statement, startAws } from './server.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/app1';
export const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** Credentials as the SDK wants them. */
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Has the SDK's own clients, without retries. */
export type Clients = { secretsManager: SecretsManagerClient; ssm: SSMClient; sts: STSClient; destroy(): void };

const USER = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };

/** Clients of a server, of a user that may do anything unless credentials are given. */
export function clientsOf(aws: Aws, options: { credentials?: Credentials; region?: string } = {}): Clients {
  const { credentials = USER, region = 'eu-west-1' } = options;
  const config = { endpoint: aws.url, region, credentials, maxAttempts: 1 };
  const secretsManager = new SecretsManagerClient(config);
  const ssm = new SSMClient(config);
  const sts = new STSClient(config);
  const destroy = () => {
    for (const client of [secretsManager, ssm, sts]) client.destroy();
  };
  return { secretsManager, ssm, sts, destroy };
}

/** A server with one user, whose policy allows everything unless one is given, and that user's clients. */
export async function startWithUser(
  t: { teardown(stop: () => void | Promise<void>): void },
  { policy, ...options }: AwsOptions & { policy?: Statement[] } = {},
): Promise<{ aws: Aws; clients: Clients }> {
  const aws = await startAws(options);
  const arn = 'arn:aws:iam::123456789012:user/tester';
  aws.addUser({ arn, ...USER, policy: policy ?? [{ actions: ['*'], resources: ['*'] }] });
  const clients = clientsOf(aws);
  t.teardown(async () => {
    clients.destroy();
    await aws.close();
  });
  return { aws, clients };
}
