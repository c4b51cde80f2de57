/** Reads from files what the injected containers of their pods need of others. */
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { describeObject, findIn, type Template } from '../manifests/find.ts';
import { parseManifests } from '../manifests/parse.ts';
import type { Input } from '../shell.ts';
import { examine } from './examine.ts';
import type { World } from './world.ts';

/** The injected container of one pod, with the ServiceAccount that it acts for. */
export type Need = {
  /** The file and the object that has the pod, for messages. */
  readonly owner: string;
  readonly account: { readonly namespace: string; readonly name: string };
  readonly config: InjectorConfig;
};

/** Returns the needs of all pods in the files, and a sentence for each pod that would be refused and each file that is not YAML. */
export async function readNeeds(
  inputs: readonly Input[],
  world: World,
): Promise<{ readonly needs: Need[]; readonly problems: string[] }> {
  const needs: Need[] = [];
  const problems: string[] = [];
  for (const { name, read } of inputs) {
    const parsed = parseManifests(name, read());
    for (const { line, message } of parsed.problems) problems.push(`${name}:${line}: This is not YAML: ${message}`);
    for (const template of findIn(parsed.manifests).templates) {
      const owner = `${name}: ${describeObject(template.owner, world.namespace)}`;
      const found = await needOf(template, world);
      if (typeof found === 'string') problems.push(`${owner}: ${found}`);
      else if (found !== undefined) needs.push({ owner, ...found });
    }
  }
  return { needs, problems };
}

/** Returns what the pod of a template needs, undefined if it is nothing, or the sentence that says why nobody knows. */
async function needOf(template: Template, world: World): Promise<Omit<Need, 'owner'> | string | undefined> {
  const examined = await examine(template, world);
  if (!examined.ok) return undefined;
  const { refusals, injection, pod, namespace, answer, unknown } = examined;
  if (refusals[0]) return `${refusals[0].message} [${refusals[0].code}]`;
  if (!injection) return answer.outcome === 'denied' ? unknown[0] : undefined;
  return { account: { namespace, name: pod.spec.serviceAccountName || 'default' }, config: injection.config };
}
