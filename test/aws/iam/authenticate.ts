import { AwsError } from '../error.ts';
import type { ServiceName } from '../faults.ts';
import { parseHost } from '../network/host.ts';
import type { World } from '../world.ts';
import type { Principal } from './policy.ts';
import { authorizationOf, type SignedRequest, verifySignature } from './sigv4.ts';

/** A caller whose signature is right, and the region it signed for. */
export type Signed = { caller: Principal; region: string };

/** Returns the caller and the region of a request. Throws AWS's refusal. */
export function authenticate(world: World, service: ServiceName, request: SignedRequest): Signed {
  try {
    return identify(world, service, request);
  } catch (error) {
    throw error instanceof AwsError && (service === 'sts' || service === 'iam') ? queryError(error) : error;
  }
}

function identify(world: World, service: ServiceName, request: SignedRequest): Signed {
  const authorization = authorizationOf(request);
  if (authorization === undefined) {
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const { region, accessKeyId } = authorization.scope;
  const host = request.headers.get('host')?.[0] ?? '';
  const hostRegion = parseHost(host)?.region;
  if (hostRegion !== undefined && hostRegion !== region) {
    throw new AwsError('InvalidSignatureException', `Credential should be scoped to a valid region, not '${region}'. `);
  }
  const credential = world.credentials.get(accessKeyId);
  verifySignature(request, authorization, credential, { service, now: world.now() });
  if (credential === undefined) throw new TypeError('an unknown key has no signature');
  return { caller: credential.principal, region };
}

/** The query protocol has names of its own for the same refusals. */
function queryError(error: AwsError): AwsError {
  const codes: { [code: string]: string } = {
    MissingAuthenticationTokenException: 'MissingAuthenticationToken',
    UnrecognizedClientException: 'InvalidClientTokenId',
    InvalidSignatureException: 'SignatureDoesNotMatch',
    IncompleteSignatureException: 'IncompleteSignature',
    ExpiredTokenException: 'ExpiredToken',
  };
  return new AwsError(codes[error.code] ?? error.code, error.message, 403);
}
