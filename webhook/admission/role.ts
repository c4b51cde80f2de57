/** Finds the IAM role of the pod's ServiceAccount, and whether the pod needs one. */
import { referenceTo } from '../../injector/contract/source.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import type { CsiVolume, ProviderClass } from '../declare/provider-class.ts';
import { isRoleArn } from '../declare/role-arns.ts';
import { parseBoolean } from '../declare/values.ts';
import { type Refusal, refusal } from '../errors.ts';
import type { AccountRole } from './facts.ts';

/** The name of the parameter in a class, and of the attribute of a volume. */
const USE_POD_IDENTITY = 'usePodIdentity';

type Account = {
  readonly namespace: string;
  readonly serviceAccountName: string;
  /** Undefined if the ServiceAccount does not exist. */
  readonly serviceAccount: AccountRole | undefined;
};

/** A role, and the audience of the token that STS gets for it; without an audience it is that of STS. */
export type Role = AccountRole & { readonly roleArn: string };

/** The most characters of a client ID of an IAM OIDC provider. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
const AUDIENCE_LIMIT = 255;

/**
 * Returns what the annotations of a ServiceAccount say about its role. An empty annotation counts as an absent one. White space
 * around a value is left out, as a line break at the end comes from a block of YAML or a template, and no ARN has any.
 */
export function roleIn(annotations: Readonly<Record<string, string>> = {}): AccountRole {
  const { 'eks.amazonaws.com/role-arn': roleArn, 'eks.amazonaws.com/audience': audience } = annotations;
  const [role, client] = [roleArn?.trim(), audience?.trim()];
  return { ...(role && { roleArn: role }), ...(client && { audience: client }) };
}

/** Returns the role that the ServiceAccount is annotated with, or the refusal that says why there is none. */
export function readRole({ namespace, serviceAccountName, serviceAccount }: Account): Role | Refusal {
  const { roleArn, audience } = serviceAccount ?? {};
  if (roleArn && isRoleArn(roleArn) && isAudience(audience)) return { ...serviceAccount, roleArn };
  const name = echo(serviceAccountName);
  const command = `kubectl annotate serviceaccount --overwrite -n ${namespace} ${name} eks.amazonaws.com/role-arn=ROLE_ARN`;
  if (!roleArn) {
    const create = serviceAccount ? '' : `kubectl create serviceaccount -n ${namespace} ${name} && `;
    const why = serviceAccount ? 'it has no annotation eks.amazonaws.com/role-arn' : 'there is no such ServiceAccount';
    return refusal(
      'ASI_ADMIT_NO_ROLE',
      `An IAM role must be associated with service account ${name} (namespace: ${namespace}): ${why}; run ${create}${command}`,
    );
  }
  if (!isAudience(audience)) {
    return refusal(
      'ASI_ADMIT_BAD_ROLE',
      `The annotation eks.amazonaws.com/audience of service account ${name} (namespace: ${namespace}) has more than ` +
        `${AUDIENCE_LIMIT} characters, which no IAM OIDC provider takes: correct it, or remove it for the audience of STS.`,
    );
  }
  return refusal(
    'ASI_ADMIT_BAD_ROLE',
    `An IAM role must be associated with service account ${name} (namespace: ${namespace}): ` +
      `its eks.amazonaws.com/role-arn is not the ARN of a role, like arn:aws:iam::111122223333:role/app; run ${command}`,
  );
}

/** A refusal names so many of the objects that a role has to read. */
const OBJECTS_SHOWN = 5;

/**
 * Returns the refusal of a ServiceAccount without a role with what the role has to read: a pod of External Secrets never
 * needed one before. `declaration` is undefined if it can not be read.
 */
export function withNeeds(missing: Refusal, declaration: Declaration | undefined): Refusal {
  const names = (declaration?.objects ?? []).map((object) => referenceTo(object));
  if (names.length === 0) return missing;
  const shown = names.slice(0, OBJECTS_SHOWN).map(echo);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const needs = `the role has to read ${shown.join(', ')}${more}, and aws-secrets-injector iam-policy prints its policy`;
  return refusal(missing.code, `${missing.message}; ${needs}`);
}

/** Returns whether an IAM OIDC provider could have the audience as a client ID. Undefined stands for the one of STS. */
export function isAudience(text: string | undefined): boolean {
  return text === undefined || text.length <= AUDIENCE_LIMIT;
}

/**
 * Returns whether a pod whose declaration can not be read may use EKS Pod Identity, which needs no role: an annotation,
 * a volume or a class says so, or a class is missing and could.
 */
export function mayUsePodIdentity(
  annotations: Readonly<Record<string, string>>,
  volumes: readonly CsiVolume[],
  classes: ReadonlyMap<string, ProviderClass | undefined>,
): boolean {
  const found = [...classes.values()];
  const texts = [
    annotations[`${PREFIX}use-pod-identity`],
    ...volumes.map(({ attributes }) => attributes[USE_POD_IDENTITY]),
    ...found.map((one) => one?.parameters[USE_POD_IDENTITY]),
  ];
  return found.includes(undefined) || texts.some((text = '') => text !== '' && !isFalse(text));
}

function isFalse(text: string): boolean {
  const parsed = parseBoolean(text);
  return parsed.ok && !parsed.value;
}
