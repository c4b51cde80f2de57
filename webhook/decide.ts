/** What becomes of a pod, and why: a closed set of reasons that answers, logs and metrics share. */
import { declares, PREFIX } from './declare/annotations.ts';
import type { Declaration } from './declare/declaration.ts';
import { declare } from './declare/declare.ts';
import { echo } from './declare/echo.ts';
import { Refusal } from './errors.ts';
import type { Pod } from './pod.ts';
import type { Request } from './review.ts';

const SKIPS = {
  'not-a-creation': 'Only the creation of a pod is of interest.',
  'nothing-declared': 'The pod declares nothing.',
  'switched-off': 'The pod declares something, and says inject: "false".',
  'mirror-pod': 'The pod mirrors a static pod of a node, which cannot be changed.',
  'exempt-namespace': 'Pods of kube-system and of the injector itself are never touched.',
} as const;

export type SkipReason = keyof typeof SKIPS;

export function describeSkip(reason: string): string | undefined {
  return (SKIPS as Readonly<Record<string, string>>)[reason];
}

export type Decision =
  | { readonly kind: 'deny'; readonly refusals: readonly Refusal[] }
  | { readonly kind: 'inject'; readonly declaration: Declaration; readonly roleArn: string };

/** What the cluster says about the pod's identity. */
export type Identity = {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Absent: there is no such ServiceAccount. */
  readonly found?: { readonly roleArn?: string };
};

/** Why a request is none of our business, if so. Needs nothing but the request: most end here. */
export function screen(request: Request, ownNamespace: string): SkipReason | undefined {
  if (request.kind !== 'creation') return 'not-a-creation';
  const annotations = request.pod.metadata.annotations ?? {};
  if (request.namespace === 'kube-system' || isOwn(request.namespace, ownNamespace)) return 'exempt-namespace';
  if (annotations['kubernetes.io/config.mirror'] !== undefined) return 'mirror-pod';
  if (declares(annotations)) return undefined;
  const { [`${PREFIX}inject`]: _, ...others } = annotations;
  return declares(others) ? 'switched-off' : 'nothing-declared';
}

/** As the chart's selector has it: a webhook in `default` shares it with apps, whose pods are never let pass unseen. */
function isOwn(namespace: string, ownNamespace: string): boolean {
  return namespace === ownNamespace && namespace !== 'default';
}

/** All that is wrong with a pod that declares something, or what to inject. */
export function decide(pod: Pod, identity: Identity, region: string | undefined): Decision {
  const declared = declare(pod.metadata.annotations ?? {}, { region });
  const role = roleOf(identity);
  const refusals = [
    ...(isWindows(pod) ? [windows()] : []),
    ...(declared.ok ? [] : declared.refusals),
    ...(role instanceof Refusal ? [role] : []),
  ];
  if (!declared.ok || role instanceof Refusal || refusals.length > 0) return { kind: 'deny', refusals };
  return { kind: 'inject', declaration: declared.declaration, roleArn: role };
}

function roleOf({ namespace, serviceAccount: name, found }: Identity): string | Refusal {
  const serviceAccount = echo(name);
  const command = `kubectl annotate serviceaccount -n ${namespace} ${serviceAccount} eks.amazonaws.com/role-arn=ARN`;
  if (!found?.roleArn) {
    const why = found ? 'it has no annotation eks.amazonaws.com/role-arn' : 'there is no such ServiceAccount';
    return new Refusal(
      'ASI_ADMIT_NO_ROLE',
      `An IAM role must be associated with service account ${serviceAccount} (namespace: ${namespace}): ${why}; ${command}.`,
    );
  }
  if (isRoleArn(found.roleArn)) return found.roleArn;
  return new Refusal(
    'ASI_ADMIT_BAD_ROLE',
    `An IAM role must be associated with service account ${serviceAccount} (namespace: ${namespace}): ` +
      `its eks.amazonaws.com/role-arn is not the ARN of a role, like arn:aws:iam::111122223333:role/app; ${command}.`,
  );
}

export function isRoleArn(text: string): boolean {
  return /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(text);
}

function isWindows({ spec }: Pod): boolean {
  return spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows';
}

function windows(): Refusal {
  return new Refusal(
    'ASI_ADMIT_WINDOWS',
    'The pod is for Windows nodes, and the injected container is a Linux one: take the annotations off, or run it on Linux.',
  );
}
