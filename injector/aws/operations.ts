/** Lists the operations of Secrets Manager and Parameter Store that the injector asks for. */
import type {
  BatchGetSecretValueRequest,
  BatchGetSecretValueResponse,
  GetSecretValueRequest,
  GetSecretValueResponse,
  ListSecretsRequest,
  ListSecretsResponse,
} from '@aws-sdk/client-secrets-manager';
import type {
  DescribeParametersRequest,
  DescribeParametersResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
} from '@aws-sdk/client-ssm';
import type { ServiceName } from '../contract/services.ts';

/** Has the input and the output of each operation, as the SDK has them. */
export type Operations = {
  readonly BatchGetSecretValue: readonly [BatchGetSecretValueRequest, BatchGetSecretValueResponse];
  readonly DescribeParameters: readonly [DescribeParametersRequest, DescribeParametersResult];
  readonly GetParameters: readonly [GetParametersRequest, GetParametersResult];
  readonly GetParametersByPath: readonly [GetParametersByPathRequest, GetParametersByPathResult];
  readonly GetSecretValue: readonly [GetSecretValueRequest, GetSecretValueResponse];
  readonly ListSecrets: readonly [ListSecretsRequest, ListSecretsResponse];
};

/** Has the service of each operation, and what stands before its name in a request. */
export const TARGETS: Readonly<Record<keyof Operations, readonly [ServiceName, string]>> = {
  BatchGetSecretValue: ['secretsmanager', 'secretsmanager'],
  DescribeParameters: ['ssm', 'AmazonSSM'],
  GetParameters: ['ssm', 'AmazonSSM'],
  GetParametersByPath: ['ssm', 'AmazonSSM'],
  GetSecretValue: ['secretsmanager', 'secretsmanager'],
  ListSecrets: ['secretsmanager', 'secretsmanager'],
};
