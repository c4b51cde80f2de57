/** Runs `iam-policy`: reads the files, and prints what the roles of their pods need. */
import { readNeeds } from '../admission/needs.ts';
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import { UNKNOWN_REGION } from '../admission/world.ts';
import type { Format } from '../formats.ts';
import { EXIT, type Run } from '../shell.ts';
import { unknownIn, write } from './output.ts';
import { type RoleOptions, rolesOf } from './roles.ts';

export type PolicyOptions = ReadOptions & RoleOptions & { readonly output: Format<'iam-policy'> };

/** Exits with 1, and prints nothing, if a pod would be refused: its policy would not help. */
export const run: Run<PolicyOptions> = async (options, shell) => {
  const inputs = shell.inputs(options.file);
  const { needs, problems } = await readNeeds(inputs, readWorld(inputs, options, shell));
  for (const { owner, config } of needs) {
    if (config.region === UNKNOWN_REGION) problems.push(`${owner}: The region is not known: say it by --region.`);
  }
  for (const problem of problems) shell.err(`${problem}\n`);
  if (problems.length > 0) return EXIT.findings;
  const roles = rolesOf(needs, options);
  if (roles.some(({ trust }) => trust === undefined)) {
    shell.err('Note: The trust policy needs the OIDC provider of the cluster: say it by --oidc-provider.\n');
  }
  if (options.output === 'json') {
    for (const role of new Set(roles.flatMap(({ trust }) => (trust ? unknownIn(trust) : [])))) {
      shell.err(`Note: A trust policy names "${role}": write the ARN of its role there.\n`);
    }
  }
  if (JSON.stringify(roles).includes(':*:')) shell.err('Note: The AWS account is not known: say it by --account.\n');
  shell.out(write(roles, options.output));
  return EXIT.fine;
};
