/** Writes roles as JSON, as a Terraform configuration in JSON, or as a CloudFormation template in JSON. */
import type { Format } from '../formats.ts';
import type { Role } from './roles.ts';

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
    trust === undefined ? [] : [[nameOf(role), { name: lastName(role), assume_role_policy: terraformText(trust) }]],
  );
  return {
    resource: {
      ...(trusting.length > 0 && { aws_iam_role: Object.fromEntries(trusting) }),
      aws_iam_role_policy: Object.fromEntries(policies),
    },
  };
}

/** Terraform reads `${` in a text as the beginning of an expression. */
function terraformText(document: object): string {
  return JSON.stringify(document).replaceAll('${', '$${').replaceAll('%{', '%%{');
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html */
function asCloudFormation(roles: readonly Role[]): object {
  const resources = roles.flatMap(({ role, policy, trust }) => {
    const [id, name] = [nameOf(role).replaceAll(/[^A-Za-z0-9]/g, ''), lastName(role)];
    const own = { PolicyName: 'aws-secrets-injector', RoleName: name, PolicyDocument: policy };
    const made = { Type: 'AWS::IAM::Role', Properties: { RoleName: name, AssumeRolePolicyDocument: trust } };
    return [
      ...(trust === undefined ? [] : [[`${id}Role`, made]]),
      [`${id}Policy`, { Type: 'AWS::IAM::RolePolicy', ...(trust && { DependsOn: `${id}Role` }), Properties: own }],
    ];
  });
  return { AWSTemplateFormatVersion: '2010-09-09', Resources: Object.fromEntries(resources) };
}

/** Returns the name of a role without its path; for one that is not known, a name that can be replaced. */
function lastName(role: string): string {
  return role.startsWith('arn:') ? (role.split('/').at(-1) ?? role) : nameOf(role);
}

/** Returns a name of letters, digits and `_`, as Terraform needs it, that begins with a letter. */
function nameOf(role: string): string {
  const [, , , , account = '', path = ''] = role.split(':');
  const text = role.startsWith('arn:') ? `${path.replace(/^role\//, '')}_${account}` : role;
  return text.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/^(?=\d)/, 'r');
}
