/** The largest answer of each operation, in bytes: what AWS documents as its maximum, and some room. */

import { VALUE_BYTES } from '../contract/sizes.ts';

const KIBIBYTE = 1024;

/** Matches the names of parameters that stand for secrets, so that their values may be as large. */
const REFERENCE = /(^|:parameter)\/aws\/reference\/secretsmanager\//;

/** JSON writes a control character of one byte as six: `\u0001`. */
const ESCAPED = 6;

/**
 * Twenty secrets of any usual size. More of them are read one by one: 32 answers may be on their way at a time, and the memory of
 * the container is made for values, not for the most that twenty could be.
 */
const BATCH = 1024 * KIBIBYTE;

/** What stands beside a value: its ARN and name (2,048 bytes at most) and at most 20 staging labels of 256 bytes. */
const DESCRIPTION = 8 * KIBIBYTE;

/** An entry of ListSecrets: descriptions of 2,048 and 50 tags of 128 + 256 characters, each of at most 3 bytes. */
const LISTED = 64 * KIBIBYTE;
const LISTED_PER_PAGE = 100;

/** GetParametersByPath gives ten parameters (MaxResults). */
const PARAMETERS_PER_PAGE = 10;

/**
 * What remains: refusals, and credentials. STS says of the size of a session token only that it may grow; the role session's
 * policies and tags, which it packs, are limited to a few KiB.
 */
const REST = 64 * KIBIBYTE;

/** Returns how many bytes the answer to a command may have. What it asks for decides: `input` is the command's own. */
export function answerLimit(command: string, input: object): number {
  const { Names = [] } = input as { Names?: readonly string[] };
  switch (command) {
    case 'GetSecretValueCommand':
      return REST + ESCAPED * VALUE_BYTES.secretsmanager;
    case 'BatchGetSecretValueCommand':
      return BATCH;
    case 'GetParametersCommand':
      return REST + Names.map(parameterLimit).reduce((sum, limit) => sum + limit, 0);
    case 'GetParametersByPathCommand':
      return REST + PARAMETERS_PER_PAGE * (ESCAPED * VALUE_BYTES.ssm + DESCRIPTION);
    case 'ListSecretsCommand':
      return REST + LISTED_PER_PAGE * LISTED;
    default:
      return REST;
  }
}

function parameterLimit(name: string): number {
  return ESCAPED * VALUE_BYTES[REFERENCE.test(name) ? 'secretsmanager' : 'ssm'] + DESCRIPTION;
}
