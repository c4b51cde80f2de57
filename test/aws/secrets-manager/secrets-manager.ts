import * as v from 'valibot';
import { text } from '../constraints.ts';
import { type Context, epoch, type Operation, present, read } from '../context.ts';
import { AwsError } from '../error.ts';
import { authorize, denial, type RequestContext, viaService } from '../iam/policy.ts';
import { batchGetSecretValue } from './batch.ts';
import { listSecrets, metadata, stagesOf } from './list.ts';
import { findSecret, type Secret, type SecretVersion } from './store.ts';

const secretId = text(1, 2048);

const ValueInput = v.object({
  SecretId: secretId,
  VersionId: v.optional(text(32, 64)),
  VersionStage: v.optional(text(1, 256)),
});

const Named = v.object({ SecretId: secretId });

/** Secrets Manager's operations by name. */
export const secretsManager: { [operation: string]: Operation } = {
  GetSecretValue: (context, input) => secretValue(context, read(ValueInput, input)),
  ListSecrets: listSecrets,
  DescribeSecret: (context, input) => describe(context, read(Named, input).SecretId),
  BatchGetSecretValue: (context, input) =>
    batchGetSecretValue(context, input, (SecretId) => secretValue(context, { SecretId })),
};

function secretValue(context: Context, input: v.InferOutput<typeof ValueInput>): object {
  const secret = permitted(context, 'secretsmanager:GetSecretValue', input.SecretId);
  if (secret.deletedAt !== undefined) {
    throw new AwsError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  const version = chooseVersion(secret, input.VersionId, input.VersionStage);
  checkKey(context, secret);
  return present({
    ARN: secret.arn,
    CreatedDate: epoch(version.createdAt),
    Name: secret.name,
    SecretString: typeof version.value === 'string' ? version.value : undefined,
    SecretBinary: typeof version.value === 'string' ? undefined : Buffer.from(version.value).toString('base64'),
    VersionId: version.id,
    VersionStages: version.stages.size === 0 ? undefined : [...version.stages],
  });
}

function describe(context: Context, id: string): object {
  const secret = permitted(context, 'secretsmanager:DescribeSecret', id);
  return { ...metadata(secret), VersionIdsToStages: stagesOf(secret) };
}

/** Permission is asked on the secret's full ARN, and on the text as given where there is no such secret. */
function permitted(context: Context, action: string, id: string): Secret {
  if (!id.startsWith('arn:') && !/^[\w/+=.@!-]+$/.test(id)) {
    throw new AwsError(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  }
  const secret = findSecret(context.world.secrets, context.location, id);
  authorize(context.caller, action, secret?.arn ?? id, tagsOf(secret));
  if (secret === undefined) {
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  // From another account only the full ARN is looked up.
  const shared = id === secret.arn && secret.sharedWith.includes(context.location.account);
  if (secret.account !== context.location.account && !shared) {
    throw denial(context.caller, action, secret.arn, 'resource');
  }
  return secret;
}

function chooseVersion(secret: Secret, id: string | undefined, stage: string | undefined): SecretVersion {
  if (id !== undefined) return versionById(secret, id, stage);
  const wanted = stage ?? 'AWSCURRENT';
  const version = secret.versions.find((candidate) => candidate.stages.has(wanted));
  if (version === undefined) throw missingValue(`staging label: ${wanted}`);
  return version;
}

function versionById(secret: Secret, id: string, stage: string | undefined): SecretVersion {
  const version = secret.versions.find((candidate) => candidate.id === id);
  if (version === undefined) throw missingValue(`VersionId: ${id}`);
  if (stage === undefined || version.stages.has(stage)) return version;
  throw new AwsError(
    'InvalidRequestException',
    'You provided a VersionStage that is not associated to the provided VersionId.',
  );
}

function missingValue(which: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${which}`,
  );
}

/** The default key aws/secretsmanager lets in everybody of the account, and nobody else. */
function checkKey({ caller, location }: Context, secret: Secret): void {
  const refused = new AwsError('AccessDeniedException', 'Access to KMS is not allowed');
  if (secret.kmsKeyArn === undefined) {
    if (secret.account !== location.account) throw refused;
    return;
  }
  try {
    authorize(caller, 'kms:Decrypt', secret.kmsKeyArn, viaService('secretsmanager', location));
  } catch {
    throw refused;
  }
}

/** Policies may be about the tags of a secret. */
function tagsOf(secret: Secret | undefined): RequestContext {
  const tags = Object.entries(secret?.tags ?? {});
  return Object.fromEntries(tags.map(([key, value]) => [`secretsmanager:ResourceTag/${key}`, value]));
}
