/**
 * Finds out as whom and where a developer asks AWS, by the default chain of the SDK: variables, profiles, single sign-on and the
 * rest. Only this file may use the chain. The injector names its identity, so that a pod never gets that of its node.
 */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, ChecksumConstructor, HashConstructor } from '@smithy/types';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { oneLine } from '../../injector/contract/text.ts';
import { UsageError } from '../shell.ts';

/** Both time-outs are in milliseconds. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 5_000 };

type Endpoints = NonNullable<NonNullable<InjectorConfig['aws']>['endpoints']>;

/** Says with which credentials a developer asks AWS. */
export type Developer = {
  /** The ARN of the user or of the role's session, or words for it if STS is not reached. */
  readonly arn: string;
  /** Returns the credentials, which are renewed when they expire. */
  readonly credentials: () => Promise<AwsCredentialIdentity>;
  /** The SDK's hash, with which requests are signed. */
  readonly sha256: ChecksumConstructor | HashConstructor;
  /** The URLs of services that the environment or the profile names, as by AWS_ENDPOINT_URL. */
  readonly endpoints: Endpoints;
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  close(): void;
};

/** Says what to do if nothing names a region. */
export const NO_REGION = 'The region is not known: say it by --region, by AWS_REGION or in the profile.';

/** Returns the region that the environment or the profile names, or undefined if neither does. */
export async function defaultRegion(): Promise<string | undefined> {
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** Finds the credentials and their owner. Throws a `UsageError` if there are none, or if AWS does not take them. */
export async function findDeveloper(region: string): Promise<Developer> {
  const client = new STSClient({ region, maxAttempts: 2, requestHandler: TIMEOUTS });
  const { config } = client;
  try {
    return {
      arn: await arnOf(client),
      credentials: () => config.credentials(),
      sha256: config.sha256,
      endpoints: await findEndpoints(region),
      useFipsEndpoint: await config.useFipsEndpoint(),
      useDualstackEndpoint: await config.useDualstackEndpoint(),
      close: () => client.destroy(),
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

async function findEndpoints(region: string): Promise<Endpoints> {
  const [secretsmanager, ssm] = await Promise.all(
    [new SecretsManagerClient({ region }), new SSMClient({ region })].map(({ config }) =>
      config.serviceConfiguredEndpoint?.(),
    ),
  );
  return { ...(secretsmanager !== undefined && { secretsmanager }), ...(ssm !== undefined && { ssm }) };
}

async function arnOf(client: STSClient): Promise<string> {
  try {
    await client.config.credentials();
  } catch (error) {
    const why = oneLine(error instanceof Error ? error.message : '', 300);
    throw new UsageError(`There are no AWS credentials: ${why} Log in, or name a profile by AWS_PROFILE.`);
  }
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    return Arn ?? UNKNOWN;
  } catch (error) {
    const { name, message, $fault } = error as Error & { $fault?: 'client' | 'server' };
    // A network may have a way to the secrets and none to STS.
    if ($fault !== 'client') return UNKNOWN;
    throw new UsageError(
      `AWS does not take the credentials: ${oneLine(`${name}: ${message}`, 300)} Log in again, or name another profile by AWS_PROFILE.`,
    );
  }
}

/** Stands after "the role" in messages. */
const UNKNOWN = 'of the credentials';
