/** Runs `iam-policy`: reads the files, and prints what the roles of their pods need. */
import { examine } from '../admission/examine.ts';
import { type ReadOptions, readWorld } from '../admission/read-world.ts';
import { UNKNOWN_REGION, type World } from '../admission/world.ts';
import type { Format } from '../formats.ts';
import { describeObject, findIn, type Template } from '../manifests/find.ts';
import { parseManifests } from '../manifests/parse.ts';
import { EXIT, type Input, type Run } from '../shell.ts';
import { write } from './output.ts';
import { type Need, type RoleOptions, rolesOf } from './roles.ts';

export type PolicyOptions = ReadOptions & RoleOptions & { readonly output: Format<'iam-policy'> };

type Result = { readonly needs: Need[]; readonly problems: string[] };

/** Exits with 1, and prints nothing, if a pod would be refused: its policy would not help. */
export const run: Run<PolicyOptions> = async (options, shell) => {
  const inputs = shell.inputs(options.file);
  const world = readWorld(inputs, options, shell);
  const result: Result = { needs: [], problems: [] };
  for (const input of inputs) await readInput(input, world, result);
  for (const problem of result.problems) shell.err(`${problem}\n`);
  if (result.problems.length > 0) return EXIT.findings;
  const roles = rolesOf(result.needs, options);
  if (roles.some(({ trust }) => trust === undefined)) {
    shell.err('Note: The trust policy needs the OIDC provider of the cluster: say it by --oidc-provider.\n');
  }
  if (JSON.stringify(roles).includes(':*:')) shell.err('Note: The AWS account is not known: say it by --account.\n');
  shell.out(write(roles, options.output));
  return EXIT.fine;
};

async function readInput({ name, read }: Input, world: World, { needs, problems }: Result): Promise<void> {
  const parsed = parseManifests(name, read());
  for (const { line, message } of parsed.problems) problems.push(`${name}:${line}: This is not YAML: ${message}`);
  for (const template of findIn(parsed.manifests).templates) {
    const found = await needOf(template, world);
    if (typeof found === 'string')
      problems.push(`${name}: ${describeObject(template.owner, world.namespace)}: ${found}`);
    else if (found !== undefined) needs.push(found);
  }
}

/** Returns what the pod of a template needs, undefined if it is nothing, or the sentence that says why nobody knows. */
async function needOf(template: Template, world: World): Promise<Need | string | undefined> {
  const examined = await examine(template, world);
  if (!examined.ok) return undefined;
  const { refusals, injection, pod, namespace, answer, unknown } = examined;
  if (refusals[0]) return `${refusals[0].message} [${refusals[0].code}]`;
  if (!injection) return answer.outcome === 'denied' ? unknown[0] : undefined;
  if (injection.config.region === UNKNOWN_REGION) return 'The region is not known: say it by --region.';
  return { account: { namespace, name: pod.spec.serviceAccountName || 'default' }, config: injection.config };
}
