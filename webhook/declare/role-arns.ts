/** Reads the roles that a pod assumes after its own, and their external ID. A problem is the end of a sentence, with the fix. */
import { MOST_ROLES } from '../../injector/contract/access.ts';
import { echo } from './echo.ts';
import { err, ok, type Result } from './result.ts';

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
/** AssumeRole takes an ARN of at most so many characters. */
const ARN_LIMIT = 2048;
/** STS allows these characters and lengths: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

/** Returns whether the text is the ARN of an IAM role, as STS takes it. */
export function isRoleArn(text: string): boolean {
  return ROLE_ARN.test(text);
}

/**
 * Reads the ARNs of roles that are assumed one after another, with commas in between. The name of a role may have a comma, too, so
 * that only a comma before `arn:` ends an ARN: no name has a colon.
 */
export function parseRoleArns(text: string): Result<string[]> {
  return checkRoles(text.split(/,(?=\s*arn:)/));
}

/** Returns the ARNs of roles that are assumed one after another, without white space around them. */
export function checkRoles(texts: readonly string[]): Result<string[]> {
  if (texts.length > MOST_ROLES) {
    return err(`has ${texts.length} roles, and at most ${MOST_ROLES} are assumed one after another; write fewer`);
  }
  const roles = texts.map((text) => text.trim());
  const wrong = roles.find((role) => !isRoleArn(role) || role.length > ARN_LIMIT || role.endsWith(','));
  if (wrong !== undefined) {
    const what = roles.length === 1 ? 'is' : `has "${echo(wrong)}", which is`;
    return err(
      `${what} not the ARN of an IAM role; write one like arn:aws:iam::111122223333:role/app, or several in their order with commas in between`,
    );
  }
  if (new Set(roles).size < roles.length) return err('has a role twice; write each once');
  if (new Set(roles.map((role) => role.split(':')[1])).size > 1) {
    return err('has roles of several partitions, and no role can assume one of another partition; write roles of one');
  }
  return ok(roles);
}

/** Reads an external ID by the rules of STS. */
export function parseExternalId(text: string): Result<string> {
  return EXTERNAL_ID.test(text) ? ok(text) : err('is not an external ID; write 2 to 1224 letters, digits or +=,.@:/-_');
}
