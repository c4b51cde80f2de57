/** Writes roles as JSON, as a Terraform configuration in JSON, or as a CloudFormation template in JSON. */
import type { Format } from '../formats.ts';
import { isKnown, type Role } from './roles.ts';
import type { Trust } from './trust.ts';

/** Returns the text of the roles. A role without a trust policy gets only its policy. */
export function write(roles: readonly Role[], format: Format<'iam-policy'>): string {
  const value = { json: asJson, terraform: asTerraform, cloudformation: asCloudFormation }[format](roles);
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function asJson(roles: readonly Role[]): object {
  return { roles };
}

/** https://developer.hashicorp.com/terraform/language/syntax/json */
function asTerraform(roles: readonly Role[]): object {
  const policies = roles.map(({ role, policy }) => [
    nameOf(role),
    { name: 'aws-secrets-injector', role: lastName(role), policy: terraformText(policy) },
  ]);
  const trusting = roles.flatMap(({ role, trust }) =>
    trust === undefined ? [] : [[nameOf(role), { name: lastName(role), assume_role_policy: terraformTrust(trust) }]],
  );
  return {
    resource: {
      ...(trusting.length > 0 && { aws_iam_role: Object.fromEntries(trusting) }),
      aws_iam_role_policy: Object.fromEntries(policies),
    },
  };
}

/** Writes a trust policy in which a role that has no ARN yet is a reference to its resource. */
function terraformTrust(trust: Trust): string {
  return unknownIn(trust).reduce(
    (text, role) => text.replaceAll(JSON.stringify(role), `"\${aws_iam_role.${nameOf(role)}.arn}"`),
    terraformText(trust),
  );
}

/** Terraform reads `${` in a text as the beginning of an expression. */
function terraformText(document: object): string {
  return JSON.stringify(document).replaceAll('${', '$${').replaceAll('%{', '%%{');
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html */
function asCloudFormation(roles: readonly Role[]): object {
  const resources = roles.flatMap(({ role, policy, trust }) => {
    const [id, name] = [idOf(role), lastName(role)];
    const own = { PolicyName: 'aws-secrets-injector', RoleName: name, PolicyDocument: policy };
    const document = trust && cloudFormationTrust(trust);
    const made = { Type: 'AWS::IAM::Role', Properties: { RoleName: name, AssumeRolePolicyDocument: document } };
    return [
      ...(trust === undefined ? [] : [[`${id}Role`, made]]),
      [`${id}Policy`, { Type: 'AWS::IAM::RolePolicy', ...(trust && { DependsOn: `${id}Role` }), Properties: own }],
    ];
  });
  return { AWSTemplateFormatVersion: '2010-09-09', Resources: Object.fromEntries(resources) };
}

/** Returns a trust policy in which a role that has no ARN yet is a reference to its resource. */
function cloudFormationTrust(trust: Trust): object {
  const unknown = unknownIn(trust);
  return JSON.parse(JSON.stringify(trust), (_key, value) =>
    unknown.includes(value) ? { 'Fn::GetAtt': [`${idOf(value)}Role`, 'Arn'] } : value,
  );
}

/** Returns the roles in a trust policy whose ARNs are not known. */
export function unknownIn({ Statement }: Trust): string[] {
  return Statement.flatMap(({ Principal }) => [Principal['AWS'] ?? []].flat()).filter((role) => !isKnown(role));
}

/** Returns the logical ID of a role, for which CloudFormation takes letters and digits only. */
function idOf(role: string): string {
  return nameOf(role).replaceAll(/[^A-Za-z0-9]/g, '');
}

/** Returns the name of a role without its path; for one that is not known, a name that can be replaced. */
function lastName(role: string): string {
  return isKnown(role) ? (role.split('/').at(-1) ?? role) : nameOf(role);
}

/** Returns a name of letters, digits and `_`, as Terraform needs it, that begins with a letter. */
function nameOf(role: string): string {
  const [, , , , account = '', path = ''] = role.split(':');
  const text = isKnown(role) ? `${path.replace(/^role\//, '')}_${account}` : role;
  return text.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/^(?=\d)/, 'r');
}
