import { AwsError } from '../error.ts';

/** Is one statement of an identity-based policy; `*` and `?` are wildcards in both lists. */
export type Statement = { effect?: 'Allow' | 'Deny' | undefined; actions: string[]; resources: string[] };

/** Is the caller of a request. */
export type Principal = {
  /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or a user's ARN. */
  arn: string;
  account: string;
  /** The role's or the user's own ARN, as trust policies name it. */
  identity: string;
  /** The session name of an assumed role. */
  sessionName: string | undefined;
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
export function authorize(principal: Principal, action: string, resource: string): void {
  const statements = principal.policy().filter((statement) => applies(statement, action, resource));
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
