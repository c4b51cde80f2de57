/** Lists the operations of Secrets Manager and Parameter Store that the injector asks for, and what it reads of their answers. */
import type {
  BatchGetSecretValueRequest,
  GetSecretValueRequest,
  ListSecretsRequest,
} from '@aws-sdk/client-secrets-manager';
import type { DescribeParametersRequest, GetParametersByPathRequest, GetParametersRequest } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import type { ServiceName } from '../contract/services.ts';

/** Has the input of each operation, as the SDK has it. */
export type Inputs = {
  readonly BatchGetSecretValue: BatchGetSecretValueRequest;
  readonly DescribeParameters: DescribeParametersRequest;
  readonly GetParameters: GetParametersRequest;
  readonly GetParametersByPath: GetParametersByPathRequest;
  readonly GetSecretValue: GetSecretValueRequest;
  readonly ListSecrets: ListSecretsRequest;
};

export type OperationName = keyof Inputs;

const text = v.optional(v.string());

/** The runtime would leave out what is no base64. */
const bytes = v.pipe(
  v.string(),
  v.check((base64) => base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)),
  v.transform((base64): Uint8Array => Buffer.from(base64, 'base64')),
);

const secretValue = v.object({
  ARN: text,
  Name: text,
  SecretBinary: v.optional(bytes),
  SecretString: text,
  VersionId: text,
});
const secretEntry = v.object({
  DeletedDate: v.optional(v.unknown()),
  Name: text,
  Tags: v.optional(v.array(v.object({ Key: text, Value: text }))),
});
const parameter = v.object({ ARN: text, Name: text, Value: text, Version: v.optional(v.number()) });
const parameters = v.array(parameter);

/**
 * Reads the members of each answer that are needed. A search that finds nothing is answered with an empty list: an answer without
 * the list is not AWS's. https://github.com/aws/aws-sdk-js-v3/issues/5928
 */
export const OUTPUTS = {
  BatchGetSecretValue: v.object({ SecretValues: v.optional(v.array(secretValue), []) }),
  DescribeParameters: v.object({ Parameters: v.array(v.object({ Name: text })), NextToken: text }),
  GetParameters: v.object({
    Parameters: v.optional(parameters, []),
    InvalidParameters: v.optional(v.array(v.string()), []),
  }),
  GetParametersByPath: v.object({ Parameters: parameters, NextToken: text }),
  GetSecretValue: secretValue,
  ListSecrets: v.object({ SecretList: v.array(secretEntry), NextToken: text }),
} satisfies Readonly<Record<OperationName, v.GenericSchema>>;

/** Has what is read of the answer to each operation. */
export type Outputs = { readonly [Name in OperationName]: v.InferOutput<(typeof OUTPUTS)[Name]> };

/** Has the service of each operation, and what stands before its name in a request. */
export const TARGETS: Readonly<Record<OperationName, readonly [ServiceName, string]>> = {
  BatchGetSecretValue: ['secretsmanager', 'secretsmanager'],
  DescribeParameters: ['ssm', 'AmazonSSM'],
  GetParameters: ['ssm', 'AmazonSSM'],
  GetParametersByPath: ['ssm', 'AmazonSSM'],
  GetSecretValue: ['secretsmanager', 'secretsmanager'],
  ListSecrets: ['secretsmanager', 'secretsmanager'],
};
