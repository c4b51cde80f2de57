/** Chooses the pod and the container that `exec` stands in for. */

import type { InjectorConfig } from '../../injector/contract/config.ts';
import type { Container } from '../../webhook/pod/pod.ts';
import { type Examined, examine } from '../admission/examine.ts';
import { UNKNOWN_REGION, type World } from '../admission/world.ts';
import { NO_REGION } from '../aws/developer.ts';
import { describeObject, findInInput, type Template } from '../manifests/find.ts';
import { type Input, UsageError } from '../shell.ts';
import { receiversIn } from './container.ts';

export type ChoiceOptions = {
  /** The kind and the name of the object whose pod is meant, like `Deployment/web`. */
  readonly object?: string;
  readonly container?: string;
};

export type Chosen =
  | { readonly ok: true; readonly config: InjectorConfig; readonly container: Container }
  /** Says why the pod would be refused, or what is not known, a sentence each. */
  | { readonly ok: false; readonly problems: readonly string[] };

type Injected = { readonly about: string; readonly examined: Extract<Examined, { readonly ok: true }> };

/** Returns the one container that is meant. Throws a `UsageError` if the options leave several, or none. */
export async function choose(inputs: readonly Input[], world: World, options: ChoiceOptions): Promise<Chosen> {
  const found: Injected[] = [];
  for (const template of templatesIn(inputs, options.object)) {
    const examined = await examine(template, world);
    const about = describeObject(template.owner, world.namespace);
    if (examined.ok && (examined.injection || examined.answer.outcome === 'denied')) found.push({ about, examined });
  }
  const [first, ...others] = found;
  if (first === undefined) throw new UsageError(`No pod in the files declares secrets${within(options.object)}.`);
  if (others.length > 0) {
    const names = found.map(({ about }) => about).join(', ');
    throw new UsageError(`Several pods declare secrets (${names}): choose one by --object KIND/NAME.`);
  }
  return chooseContainer(first, options.container);
}

function chooseContainer({ about, examined }: Injected, wanted: string | undefined): Chosen {
  const { injection, refusals, unknown } = examined;
  if (!injection || refusals.length > 0) {
    const sentences = refusals.map(({ code, message }) => `${about}: ${message} [${code}]`);
    return { ok: false, problems: [...sentences, ...(injection ? [] : unknown)] };
  }
  const { pod, config } = injection;
  if (config.region === UNKNOWN_REGION) {
    throw new UsageError(NO_REGION);
  }
  const receivers = receiversIn(pod, config);
  const names = receivers.map(({ name }) => name).join(', ');
  const named = wanted ?? pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const chosen = receivers.find(({ name }) => name === named);
  if (chosen) return { ok: true, config, container: chosen };
  if (wanted !== undefined) {
    throw new UsageError(`${about} has no container ${wanted} that gets secrets; those that do: ${names || 'none'}.`);
  }
  const [only, ...others] = receivers;
  if (only === undefined) throw new UsageError(`No container of ${about} gets secrets.`);
  if (others.length > 0)
    throw new UsageError(`Several containers of ${about} get secrets (${names}): choose one by -c.`);
  return { ok: true, config, container: only };
}

function* templatesIn(inputs: readonly Input[], object: string | undefined): Generator<Template> {
  for (const input of inputs) {
    for (const template of findInInput(input).templates) if (isMeant(template, object)) yield template;
  }
}

function isMeant({ owner }: Template, object: string | undefined): boolean {
  return object === undefined || `${owner.kind}/${owner.name}`.toLowerCase() === object.toLowerCase();
}

function within(object: string | undefined): string {
  return object === undefined ? '' : ` with the name ${object}`;
}
