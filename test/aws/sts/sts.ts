import { AwsError } from '../error.ts';
import { authorize, denial, matches, type Principal } from '../iam/policy.ts';
import { type Claims, verifyToken } from '../jwt.ts';
import { type Credential, openSession, type RoleInput, type World } from '../world.ts';

/** Is a query request: the fields of its form, and the caller if it is signed. */
type StsContext = { world: World; form: URLSearchParams; caller: Principal | undefined };

/** The result element's members, in the shape of the answer. */
export type Element = { [name: string]: string | Element | (string | Element)[] };

type StsOperation = { signed: boolean; run: (context: StsContext) => Element };

/** STS's operations by name; unsigned ones need no credentials. */
export const sts: { [operation: string]: StsOperation } = {
  AssumeRoleWithWebIdentity: { signed: false, run: assumeRoleWithWebIdentity },
  AssumeRole: { signed: true, run: assumeRole },
  GetCallerIdentity: { signed: true, run: callerIdentity },
};

function assumeRoleWithWebIdentity({ world, form }: StsContext): Element {
  const asked = readSession(form);
  const token = field(form, 'WebIdentityToken', 'webIdentityToken');
  checkLength('webIdentityToken', token, 4, 20_000);
  const claims = verifyToken(token, world.issuers, world.now());
  const role = world.roles.get(asked.roleArn);
  if (role === undefined || !trusts(role, claims)) {
    throw new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
  }
  checkDuration(asked.seconds, role.maxSessionSeconds ?? 3600);
  const session = openSession(world, role, { ...asked, hasTags: false });
  const account = session.principal.account;
  return {
    ...assumed(session, asked.name),
    Provider: `arn:aws:iam::${account}:oidc-provider/${claims.issuer.replace(/^https:\/\//, '')}`,
    Audience: claims.audience,
    SubjectFromWebIdentityToken: claims.subject,
  };
}

function assumeRole({ world, form, caller }: StsContext): Element {
  const asked = readSession(form);
  if (caller === undefined) throw new TypeError('AssumeRole is signed');
  const role = world.roles.get(asked.roleArn);
  const externalId = form.get('ExternalId') ?? undefined;
  if (externalId !== undefined) checkExternalId(externalId);
  const trusted = role && trustedBy(role, caller, externalId);
  if (role === undefined || trusted === undefined) throw untrusted(caller, 'sts:AssumeRole', asked.roleArn);
  if (caller.hasTags && trusted.tags !== true) throw untrusted(caller, 'sts:TagSession', asked.roleArn);
  try {
    authorize(caller, 'sts:AssumeRole', asked.roleArn);
    if (caller.hasTags) authorize(caller, 'sts:TagSession', asked.roleArn);
  } catch (error) {
    throw denied(error instanceof Error ? error.message : '');
  }
  const chained = caller.sessionName !== undefined;
  if (chained && asked.seconds > 3600) {
    throw validation(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  checkDuration(asked.seconds, role.maxSessionSeconds ?? 3600);
  return assumed(openSession(world, role, { ...asked, hasTags: caller.hasTags }), asked.name);
}

function callerIdentity({ caller }: StsContext): Element {
  if (caller === undefined) throw new TypeError('GetCallerIdentity is signed');
  return { Arn: caller.arn, UserId: caller.sessionName ?? 'AIDAEXAMPLE', Account: caller.account };
}

function trusts(role: RoleInput, claims: Claims): boolean {
  return (role.trust ?? []).some(
    ({ issuer, subjects, audiences = ['sts.amazonaws.com'] }) =>
      issuer === claims.issuer &&
      audiences.includes(claims.audience) &&
      subjects.some((pattern) => matches(pattern, claims.subject)),
  );
}

/** Returns how a role trusts the caller; undefined if it does not. */
function trustedBy(role: RoleInput, caller: Principal, externalId: string | undefined) {
  return (role.trustedPrincipals ?? []).find(
    (trusted) =>
      (trusted.arn === caller.identity || trusted.arn === caller.arn) &&
      (trusted.externalId === undefined || trusted.externalId === externalId),
  );
}

type AskedSession = { roleArn: string; name: string; seconds: number };

function readSession(form: URLSearchParams): AskedSession {
  const roleArn = field(form, 'RoleArn', 'roleArn');
  const sessionName = field(form, 'RoleSessionName', 'roleSessionName');
  checkLength('roleArn', roleArn, 20, 2048);
  checkLength('roleSessionName', sessionName, 2, 64);
  if (!/^[\w+=,.@-]*$/.test(sessionName)) {
    throw invalidValue('roleSessionName', sessionName, 'satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  if (!/^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn)) {
    throw validation(`${roleArn} is invalid`);
  }
  const seconds = Number(form.get('DurationSeconds') ?? 3600);
  if (!Number.isInteger(seconds) || seconds < 900) {
    throw invalidValue('durationSeconds', String(seconds), 'have value greater than or equal to 900');
  }
  return { roleArn, name: sessionName, seconds };
}

function assumed(session: Required<Credential>, sessionName: string): Element {
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: session.expiresAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROA${session.accessKeyId.slice(4)}:${sessionName}`,
      Arn: session.principal.arn,
    },
  };
}

function field(form: URLSearchParams, name: string, member: string): string {
  const value = form.get(name);
  if (value !== null) return value;
  throw validation(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function checkLength(member: string, value: string, min: number, max: number): void {
  if (value.length < min) throw invalidValue(member, value, `have length greater than or equal to ${min}`);
  if (value.length > max) throw invalidValue(member, value, `have length less than or equal to ${max}`);
}

function checkExternalId(value: string): void {
  checkLength('externalId', value, 2, 1224);
  if (!/^[\w+=,.@:/-]*$/.test(value)) {
    throw invalidValue('externalId', value, 'satisfy regular expression pattern: [\\w+=,.@:\\/-]*');
  }
}

function checkDuration(seconds: number, max: number): void {
  if (seconds > max)
    throw validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
}

function invalidValue(member: string, value: string, rule: string): AwsError {
  return validation(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
}

const validation = (message: string): AwsError => new AwsError('ValidationError', message);
/** Returns the refusal of STS, which does not say whose policy lacks the action. */
function untrusted(caller: Principal, action: string, roleArn: string): AwsError {
  return denied(denial(caller, action, roleArn).message.replace(/ because .*$/, ''));
}

const denied = (message: string): AwsError => new AwsError('AccessDenied', message, 403);
