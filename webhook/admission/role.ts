/** Whether a pod needs an IAM role, and which one its ServiceAccount has. */
import { PREFIX } from '../declare/annotations.ts';
import { echo } from '../declare/echo.ts';
import type { CsiVolume, ProviderClass } from '../declare/provider-class.ts';
import { parseBoolean, ROLE_ARN } from '../declare/values.ts';
import { type Refusal, refusal } from '../errors.ts';

/** The parameter of a class, and the attribute of a volume. */
const USE_POD_IDENTITY = 'usePodIdentity';

type Account = {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Absent: there is no such ServiceAccount. */
  readonly found?: { readonly roleArn?: string };
};

/** The role of the pod's ServiceAccount, or why there is none. */
export function readRole({ namespace, serviceAccount: name, found }: Account): string | Refusal {
  const serviceAccount = echo(name);
  const command = `kubectl annotate serviceaccount -n ${namespace} ${serviceAccount} eks.amazonaws.com/role-arn=ARN`;
  if (!found?.roleArn) {
    const why = found ? 'it has no annotation eks.amazonaws.com/role-arn' : 'there is no such ServiceAccount';
    return refusal(
      'ASI_ADMIT_NO_ROLE',
      `An IAM role must be associated with service account ${serviceAccount} (namespace: ${namespace}): ${why}; ${command}.`,
    );
  }
  if (isRoleArn(found.roleArn)) return found.roleArn;
  return refusal(
    'ASI_ADMIT_BAD_ROLE',
    `An IAM role must be associated with service account ${serviceAccount} (namespace: ${namespace}): ` +
      `its eks.amazonaws.com/role-arn is not the ARN of a role, like arn:aws:iam::111122223333:role/app; ${command}.`,
  );
}

/** Whether STS would take it. */
export function isRoleArn(text: string): boolean {
  return ROLE_ARN.test(text);
}

/** Where the declaration can't be read: whether anything of it may say that no role is needed. */
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
