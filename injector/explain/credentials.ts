/**
 * Explains why there are no credentials in a region. No request can work there, so that one failure stands for all objects of
 * the region.
 */
import { factsOf, isDenied, type RegionError, rootOf } from '../aws/error.ts';
import type { InjectorConfig } from '../contract/config.ts';
import { type AssumedRole, assumedRoles, assumingActions } from '../contract/roles.ts';
import { oneLine } from '../contract/text.ts';
import type { Failure, FailureCode } from '../errors.ts';
import { denialFix, isExplicitDeny } from './denial.ts';
import { causeOf, codeOf, ENDPOINT_FIX, isNamed } from './error.ts';
import { fipsFix } from './fips.ts';

const ACTIONS = {
  'web-identity': 'sts:AssumeRoleWithWebIdentity',
  'pod-identity': 'eks-auth:AssumeRoleForPodIdentity',
  assume: 'sts:AssumeRole',
  request: 'the request',
} as const;

/** Says for each request for a role what to correct if STS refuses it. No declaration of an object is at fault then. */
const REQUEST_FIXES = {
  'web-identity':
    'Correct the role in the annotation eks.amazonaws.com/role-arn of the ServiceAccount, then recreate the pod; if it is right, check the endpoint of STS.',
  assume:
    'Correct the annotations aws-secrets-injector.dev/role-arn and aws-secrets-injector.dev/external-id of the pod, then recreate it.',
} as const;

/** Says where the roles are written that are assumed after the pod's own. */
const ROLE_PLACES = 'the annotation aws-secrets-injector.dev/role-arn, or of the store of External Secrets';

/** Says what to check if the agent gives no usable answer. It runs on the node, and is no endpoint of AWS. */
const AGENT_FIX =
  'Look at the log of the EKS Pod Identity agent on the node of the pod (DaemonSet eks-pod-identity-agent in kube-system); it is asked again when the container restarts.';

/** Has the part of the configuration that says with which credentials AWS is asked, and where. */
export type AccessConfig = Pick<InjectorConfig, 'identity' | 'assume' | 'aws' | 'region'>;

/** Returns the failure, which names the role, the region and the step that failed. */
export function explainCredentials(error: RegionError, config: AccessConfig): Failure {
  const { identity } = config;
  const cause = causeOf(error, ACTIONS[error.step]);
  if (error.step === 'pod-identity') {
    const headline = 'The EKS Pod Identity agent gave no credentials.';
    return { code: agentCode(error), subject: 'pod-identity', headline, cause, ...agentFix(error) };
  }
  const asked = askedRole(error, config);
  const { roleArn } = asked;
  const code = roleCode(error);
  const headline = `The role ${roleArn} could not be assumed in ${error.region}${asked.isLater ? ` with the role ${asked.caller}` : ''}.`;
  const fips = fipsFix(error, 'sts', config);
  const fix = fips === undefined ? roleFix(error, code, asked, identity) : { fix: fips };
  return { code, subject: roleArn, headline, cause, ...fix };
}

/** The role that was asked for, and the one with whose credentials it was. */
type AskedRole = AssumedRole & {
  readonly caller: string;
  /** True if the caller is not the pod's own role, but one that was assumed before. */
  readonly isLater: boolean;
};

function askedRole({ step, about }: RegionError, { identity, assume }: AccessConfig): AskedRole {
  const own = identity.kind === 'web-identity' ? identity.roleArn : "the pod's role";
  const roles = step === 'assume' ? assumedRoles(assume) : [];
  const index = roles.findIndex(({ roleArn }) => roleArn === about?.name);
  const before = roles[index - 1]?.roleArn;
  return { ...(roles[index] ?? { roleArn: own }), caller: before ?? own, isLater: before !== undefined };
}

function roleCode(error: RegionError): FailureCode {
  if (isDenied(error)) return 'ASI_AWS_ROLE_DENIED';
  const { name } = factsOf(error);
  const ofToken = error.step === 'web-identity' && /^(InvalidIdentityToken|IDPRejectedClaim|ExpiredToken)/.test(name);
  return ofToken ? 'ASI_AWS_IDENTITY' : codeOf(error);
}

function roleFix(
  error: RegionError,
  code: FailureCode,
  { roleArn, externalId, caller }: AskedRole,
  identity: InjectorConfig['identity'],
): { fix?: string } {
  const { step } = error;
  if (code === 'ASI_AWS_REQUEST' && !isNamed(rootOf(error))) return { fix: ENDPOINT_FIX };
  if (code === 'ASI_AWS_REQUEST') return { fix: REQUEST_FIXES[step === 'assume' ? 'assume' : 'web-identity'] };
  if (code === 'ASI_AWS_ROLE_DENIED' && isExplicitDeny(rootOf(error))) {
    return { fix: denialFix(rootOf(error), ACTIONS[step], roleArn) };
  }
  if (step === 'web-identity' && identity.kind === 'web-identity') return audienceFix(code, identity.audience);
  if (step !== 'assume' || code !== 'ASI_AWS_ROLE_DENIED') return {};
  const actions = assumingActions([{ identity }]).join(' and ');
  if (caller === roleArn) {
    const itself = `allow ${actions} on ${roleArn} in its own policy and to itself in its own trust policy`;
    return { fix: `The pod has this role already: leave it out of ${ROLE_PLACES}, or ${itself}.` };
  }
  const condition = externalId === undefined ? '' : ' with this external id';
  const fix = `Allow ${actions} on ${roleArn} in the policy of ${caller}, and that role${condition} in the trust policy of ${roleArn}.`;
  return { fix };
}

/**
 * Returns a fix that names both audiences that have to be the same. Only IAM knows the audience that the OIDC provider and the
 * role's trust policy have.
 */
function audienceFix(code: FailureCode, audience: string | undefined): { fix?: string } {
  if (audience === undefined || (code !== 'ASI_AWS_ROLE_DENIED' && code !== 'ASI_AWS_IDENTITY')) return {};
  const name = oneLine(audience, 255);
  const fix =
    `The token has the audience ${name}, from the annotation eks.amazonaws.com/audience of the ServiceAccount, and not sts.amazonaws.com: ` +
    `add ${name} to the client IDs of the cluster's IAM OIDC provider and as aud to the role's trust policy, or remove the annotation.`;
  return { fix };
}

function agentCode(error: RegionError): FailureCode {
  const { name, status } = factsOf(error);
  const refused = name === 'PodIdentityRefused' && status !== undefined && status < 500 && status !== 429;
  return refused ? 'ASI_AWS_POD_IDENTITY' : codeOf(error);
}

function agentFix(error: RegionError): { fix?: string } {
  if (factsOf(error).name !== 'PodIdentityUnreachable') {
    return agentCode(error) === 'ASI_AWS_UNAVAILABLE' ? { fix: AGENT_FIX } : {};
  }
  const fix =
    'Install the EKS add-on eks-pod-identity-agent, or give the ServiceAccount a role (eks.amazonaws.com/role-arn) and remove use-pod-identity; on Fargate there is no agent.';
  return { fix };
}
