/** Who in a pod gets what, before anything is changed. */
import { ENVIRONMENT_DIRECTORY } from '../../injector/config.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { type Refusal, refusal } from '../errors.ts';
import { SECRETS_VOLUME } from '../pod/names.ts';
import type { Container, Pod, Variable } from '../pod/pod.ts';
import type { Previous } from '../reinvocation/previous.ts';
import { type Filled, filledBy } from './container/size.ts';
import { type RunAs, userOf } from './container/user.ts';
import { isShell, withoutCommand } from './environment/shell.ts';
import { countImports } from './environment/synced.ts';
import { entriesOf, isOurs } from './environment/variables.ts';
import { hasMount, takenPaths } from './mounts.ts';
import type { Plan } from './plan.ts';
import { earlierOf, othersOf } from './position.ts';
import { earlyReaders } from './takeover.ts';
import { hasVolumes } from './volumes.ts';

/** More would not help to find a misspelt one. */
const NAMES_SHOWN = 5;

/** Of all containers together. No pod with so many fits into etcd, which takes 1.5 MiB. */
const VARIABLES_LIMIT = 10_000;

export type Layout = {
  readonly filled: readonly Filled[];
  /** Whether there are files to mount at the mount path. */
  readonly mounts: boolean;
  readonly shell: boolean;
  /** The variables that the kubelet delivers. */
  readonly entries: Variable[];
  /** Init containers that run before ours. */
  readonly earlier: readonly Container[];
  /** Those that get the mount and the variables. */
  readonly chosen: readonly Container[];
  /** Of those, the ones that have neither yet. */
  readonly added: readonly Container[];
  /** The user of the injected container. */
  readonly user: RunAs;
  /** The injected container of an earlier pass, if it has the same configuration. */
  readonly kept?: Previous;
};

export function layoutOf(pod: Pod, { declaration, config, previous }: Plan): Layout {
  const { mountPath, containers: names } = declaration;
  const filled = filledBy(config);
  const mounts = filled.some(({ name }) => name === SECRETS_VOLUME);
  const shell = declaration.delivery === 'shell';
  const others = othersOf(pod);
  const earlier = earlierOf(pod, declaration.position);
  const early = new Set(earlier);
  const marked = new Set(others.filter((container) => isMarked(container, mountPath)));
  const isSame = config === previous?.config && hasVolumes(pod, filled);
  const entries = entriesOf(declaration, config.objects);
  // Without any mark, and with something to mark, it is a copy that was edited.
  const markable = mounts || shell || others.some((container) => !early.has(container) && lacksAny(container, entries));
  const kept = isSame && (marked.size > 0 || !markable) ? previous : undefined;
  const wanted = names && new Set(names);
  const named = wanted ? others.filter(({ name }) => wanted.has(name)) : kept ? [...marked] : others;
  const chosen = named.filter((container) => !early.has(container));
  const added = kept ? chosen.filter((container) => !marked.has(container)) : chosen;
  const user = userOf(pod, declaration.overrides, kept?.container);
  return { filled, mounts, shell, entries, earlier, chosen, added, user, ...(kept && { kept }) };
}

/** All that is wrong with it. */
export function problemsOf(pod: Pod, declaration: Declaration, layout: Layout): Refusal[] {
  const { mountPath, containers } = declaration;
  const { filled, mounts, shell, entries, earlier, chosen, added } = layout;
  const gives = mounts || shell || entries.length > 0;
  const names = new Set(containers);
  const early = gives ? earlier.filter(({ name }) => names.has(name)) : [];
  const served = new Set(othersOf(pod));
  for (const container of earlier) served.delete(container);
  const each = shell || entries.length > 0 ? declaration.variables.length : 0;
  const count = each * chosen.length + countImports([...served], declaration);
  const unknown = containers && chosen.length + early.length === 0;
  return [
    ...(unknown ? [unknownContainers(pod)] : []),
    ...early.map(runsBefore),
    ...earlyReaders(earlier, filled),
    ...(count > VARIABLES_LIMIT ? [tooMany(count)] : []),
    ...(mounts ? takenPaths(added, mountPath) : []),
    ...(shell ? [...withoutCommand(chosen), ...takenPaths(chosen, ENVIRONMENT_DIRECTORY, 'mount it elsewhere')] : []),
  ];
}

/** The mounts and variables themselves remember which containers were chosen when the pod was first seen. */
function isMarked(container: Container, mountPath: string): boolean {
  return hasMount(container, mountPath) || (container.env?.some(isOurs) ?? false) || isShell(container);
}

/** Whether any of these variables would be put there: what a container sets itself is left alone. */
function lacksAny({ env }: Container, entries: readonly Variable[]): boolean {
  const missing = new Set(entries.map(({ name }) => name));
  for (const { name } of env ?? []) missing.delete(name);
  return missing.size > 0;
}

function unknownContainers(pod: Pod): Refusal {
  const others = othersOf(pod);
  const names = others.slice(0, NAMES_SHOWN).map(({ name }) => `"${echo(name)}"`);
  if (others.length > NAMES_SHOWN) names.push(`and ${others.length - NAMES_SHOWN} more`);
  return refusal(
    'ASI_ADMIT_UNKNOWN_CONTAINER',
    `Annotation ${PREFIX}containers names none of the pod's containers; there are ${names.join(', ')}.`,
  );
}

function tooMany(count: number): Refusal {
  return refusal(
    'ASI_ADMIT_TOO_LARGE',
    `The containers would get ${count} variables together, more than ${VARIABLES_LIMIT}: name those that need them in ${PREFIX}containers.`,
  );
}

function runsBefore({ name }: Container): Refusal {
  return refusal(
    'ASI_ADMIT_RUNS_BEFORE',
    `Annotation ${PREFIX}containers names the init container "${echo(name)}", which runs before the injected one: ` +
      `take it out, or choose another ${PREFIX}position.`,
  );
}
