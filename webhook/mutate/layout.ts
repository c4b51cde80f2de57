/** Who in a pod gets what, before anything is changed. */

import { ENVIRONMENT_DIRECTORY, type InjectorConfig } from '../../injector/config.ts';
import type { EnvFiles } from '../admission/facts.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import type { SecretObject } from '../declare/provider-class.ts';
import { type Refusal, refusal } from '../errors.ts';
import { SECRETS_VOLUME } from '../pod/names.ts';
import type { Container, Pod, Variable } from '../pod/pod.ts';
import type { Previous } from '../reinvocation/previous.ts';
import type { AdmissionSettings } from '../settings.ts';
import { type FilledVolume, filledVolumes } from './container/size.ts';
import { chooseUser, type RunAs } from './container/user.ts';
import { isShell, refuseNoCommand } from './environment/shell.ts';
import { countImports } from './environment/synced.ts';
import { isOurs, makeEntries } from './environment/variables.ts';
import { hasMount, refuseEarlyReaders, refusePaths } from './mounts.ts';
import { earlierContainers, otherContainers } from './position.ts';
import { hasVolumes } from './volumes.ts';

/** More would not help to find a misspelt one. */
const NAMES_SHOWN = 5;

/** Of all containers together. No pod with so many fits into etcd, which takes 1.5 MiB. */
const VARIABLES_LIMIT = 10_000;

export type Layout = {
  readonly filled: readonly FilledVolume[];
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

export function makeLayout(pod: Pod, { declaration, config, previous }: Plan): Layout {
  const { mountPath, containers: names } = declaration;
  const filled = filledVolumes(config);
  const mounts = filled.some(({ name }) => name === SECRETS_VOLUME);
  const shell = declaration.delivery === 'shell';
  const others = otherContainers(pod);
  const earlier = earlierContainers(pod, declaration.position);
  const early = new Set(earlier);
  const marked = new Set(others.filter((container) => isMarked(container, mountPath)));
  const isSame = config === previous?.config && hasVolumes(pod, filled);
  const entries = makeEntries(declaration, config.objects);
  // Without any mark, and with something to mark, it is a copy that was edited.
  const markable = mounts || shell || others.some((container) => !early.has(container) && lacksAny(container, entries));
  const kept = isSame && (marked.size > 0 || !markable) ? previous : undefined;
  const wanted = names && new Set(names);
  const named = wanted ? others.filter(({ name }) => wanted.has(name)) : kept ? [...marked] : others;
  const chosen = named.filter((container) => !early.has(container));
  const added = kept ? chosen.filter((container) => !marked.has(container)) : chosen;
  const user = chooseUser(pod, declaration.overrides, kept?.container);
  return { filled, mounts, shell, entries, earlier, chosen, added, user, ...(kept && { kept }) };
}

/** All that is wrong with it. */
export function refuseLayout(pod: Pod, declaration: Declaration, layout: Layout): Refusal[] {
  const { mountPath, containers } = declaration;
  const { filled, mounts, shell, entries, earlier, chosen, added } = layout;
  const gives = mounts || shell || entries.length > 0;
  const names = new Set(containers);
  const early = gives ? earlier.filter(({ name }) => names.has(name)) : [];
  const served = new Set(otherContainers(pod));
  for (const container of earlier) served.delete(container);
  const each = shell || entries.length > 0 ? declaration.variables.length : 0;
  const count = each * chosen.length + countImports([...served], declaration);
  const unknown = containers && chosen.length + early.length === 0;
  return [
    ...(unknown ? [unknownContainers(pod)] : []),
    ...early.map(runsBefore),
    ...refuseEarlyReaders(earlier, filled),
    ...(count > VARIABLES_LIMIT ? [tooMany(count)] : []),
    ...(mounts ? refusePaths(added, mountPath) : []),
    ...(shell ? [...refuseNoCommand(chosen), ...refusePaths(chosen, ENVIRONMENT_DIRECTORY, 'mount it elsewhere')] : []),
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
  const others = otherContainers(pod);
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

export type Plan = {
  readonly declaration: Declaration;
  readonly config: InjectorConfig;
  readonly previous: Previous | undefined;
  readonly settings: AdmissionSettings;
  readonly envFiles: EnvFiles;
  /** Secrets that the CSI driver would make, whether or not anything stands in for them. */
  readonly unsynced: readonly Pick<SecretObject, 'secretName' | 'type'>[];
};
