import { AwsError } from '../error.ts';

/** Is one statement of an identity-based policy; `*` and `?` are wildcards in both lists. */
export type Statement = {
  effect?: 'Allow' | 'Deny' | undefined;
  actions: string[];
  resources: string[];
  /** The values that each key of the request's context may have (the condition StringEquals). Default: any. */
  conditions?: { [key: string]: string | readonly string[] } | undefined;
};

/** Maps each key of conditions, such as `kms:ViaService`, to its value. */
export type RequestContext = { readonly [key: string]: string };

/** Is the caller of a request. */
export type Principal = {
  /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or a user's ARN. */
  arn: string;
  account: string;
  /** The role's or the user's own ARN, as trust policies name it. */
  identity: string;
  /** The session name of an assumed role. */
  sessionName: string | undefined;
  /** True of a session with transitive tags. Each role that is assumed with it gets them, which needs sts:TagSession. */
  hasTags: boolean;
  /** Read at each call, so that a changed role counts at once. */
  policy: () => Statement[];
};

/** Returns whether a text matches a pattern with IAM's wildcards. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Throws AccessDeniedException where the caller's policy does not let it do this. */
export function authorize(principal: Principal, action: string, resource: string, context: RequestContext = {}): void {
  const statements = principal
    .policy()
    .filter((statement) => applies(statement, action, resource) && isMet(statement, context));
  if (statements.some((statement) => statement.effect === 'Deny'))
    throw denial(principal, action, resource, 'explicit');
  if (statements.length === 0) throw denial(principal, action, resource);
}

/** Returns the refusal in AWS's words. */
export function denial(
  principal: Principal,
  action: string,
  resource: string,
  kind: 'identity' | 'resource' | 'explicit' = 'identity',
): AwsError {
  const reason = {
    identity: `because no identity-based policy allows the ${action} action`,
    resource: `because no resource-based policy allows the ${action} action`,
    explicit: 'with an explicit deny in an identity-based policy',
  }[kind];
  return new AwsError(
    'AccessDeniedException',
    `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  );
}

function applies(statement: Statement, action: string, resource: string): boolean {
  return (
    statement.actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    statement.resources.some((pattern) => matches(pattern, resource))
  );
}

/** A key that the request does not have meets no condition. */
function isMet({ conditions = {} }: Statement, context: RequestContext): boolean {
  return Object.entries(conditions).every(([key, allowed]) => [allowed].flat().includes(context[key] ?? ''));
}

/** Returns the context of a request that a service makes to KMS for the caller. */
export function viaService(service: string, { region }: { readonly region: string }): RequestContext {
  return { 'kms:ViaService': `${service}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}` };
}
