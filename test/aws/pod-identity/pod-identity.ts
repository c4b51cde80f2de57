/** Serves the EKS Pod Identity agent of a node, with EKS Auth behind it: HTTP, a GET, errors in plain text. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../error.ts';
import type { FaultEffect } from '../faults.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import { unverifiedSubject, verifyToken } from '../jwt.ts';
import type { Answer } from '../protocol.ts';
import { openSession, type World } from '../world.ts';

const AUDIENCE = 'pods.eks.amazonaws.com';
const PATH = '/v1/credentials';
/** A session of EKS Auth lasts so long. */
const SESSION_SECONDS = 6 * 3600;

/** NAMESPACE/SERVICEACCOUNT of the request's token, believed as it is. */
export function subjectOf(request: SignedRequest): string[] {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(unverifiedSubject(tokenOf(request)) ?? '');
  return match === null ? [] : [`${match[1]}/${match[2]}`];
}

/** Answers a request in the agent's shape; `call` hears who it was. */
export function giveCredentials(
  world: World,
  request: SignedRequest,
  { requestId, effect }: { requestId: string; effect: FaultEffect | undefined },
): Answer & { principal?: string; sessionName?: string | undefined } {
  if (request.target !== PATH) return text(404, '404 page not found');
  const token = tokenOf(request);
  if (token === '') return text(400, 'Service account token cannot be empty');
  if (token.split('.').length !== 3 || unverifiedSubject(token) === undefined) {
    return text(400, 'Service account token cannot be parsed: token is malformed');
  }
  try {
    const session = assumeRole(world, token, effect);
    const { arn, sessionName, account } = session.principal;
    const body = JSON.stringify({
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      Token: session.sessionToken,
      AccountId: account,
      Expiration: session.expiresAt.toISOString(),
    });
    return { kind: 'response', status: 200, type: 'application/json', body, principal: arn, sessionName };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const fault = error.status >= 500 ? 'server' : 'client';
    return {
      ...text(error.status, `[${requestId}]: (${error.code}): ${error.message}, fault: ${fault}`),
      error: error.code,
    };
  }
}

/** Does what AssumeRoleForPodIdentity of EKS Auth does. */
function assumeRole(world: World, token: string, effect: FaultEffect | undefined): ReturnType<typeof openSession> {
  if (effect?.kind === 'throttle') throw new AwsError('ThrottlingException', 'Rate exceeded', 429);
  if (effect?.kind === 'error') throw new AwsError(effect.code, effect.message ?? '', effect.status ?? 400);
  if (effect?.kind === 'access-denied') throw denied();
  const { subject, pod = 'pod' } = verify(world, token);
  const roleArn = world.associations.get(subject.replace(/^system:serviceaccount:/, '').replace(':', '/'));
  if (roleArn === undefined) {
    throw new AwsError('ResourceNotFoundException', `No Pod Identity association was found for ${subject}`, 404);
  }
  const role = world.roles.get(roleArn);
  if (role?.trustsPodIdentity !== true) throw denied();
  const name = `eks-test-${pod.slice(0, 18)}-${randomUUID()}`;
  return openSession(world, role, { name, seconds: SESSION_SECONDS, hasTags: true });
}

function verify(world: World, token: string): { subject: string; pod: string | undefined } {
  const issuers = [...world.issuers.values()].map((issuer) => ({ ...issuer, audiences: [AUDIENCE] }));
  try {
    return verifyToken(token, new Map(issuers.map((issuer) => [issuer.issuer, issuer])), world.now());
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'InvalidIdentityToken') throw error;
    throw new AwsError('InvalidTokenException', error.message);
  }
}

/** The whole header is the token: no scheme stands before it. */
function tokenOf(request: SignedRequest): string {
  return request.headers.get('authorization')?.[0] ?? '';
}

function denied(): AwsError {
  return new AwsError(
    'AccessDeniedException',
    'Unauthorized Exception! EKS does not have permissions to assume the associated role.',
  );
}

function text(status: number, body: string) {
  return { kind: 'response', status, type: 'text/plain; charset=utf-8', body: `${body}\n` } as const;
}
