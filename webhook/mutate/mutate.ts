/** A pod and what it declares in, the injected pod out. */
import { CONFIG_LIMIT, encodeConfig, type InjectorConfig } from '../../injector/config.ts';
import { PREFIX } from '../declare/annotations.ts';
import type { Declaration } from '../declare/declaration.ts';
import { echo } from '../declare/echo.ts';
import { Refusal } from '../errors.ts';
import type { Container, Pod } from '../pod.ts';
import type { AdmissionSettings } from '../settings.ts';
import { containerFor, findOurs, sameConfig, takenContainer } from './container.ts';
import { filesOf, identityOf, unreadable } from './identity.ts';
import { chosenOf, hasMount, othersOf, placeMounts, takenPaths } from './mounts.ts';
import { placeContainer } from './position.ts';
import { resourcesOf } from './resources.ts';
import { volumeBytes } from './size.ts';
import { hasVolumes, placeVolumes, takenVolumes, volumesFor } from './volumes.ts';

/** Information only: nothing trusts it, as it is copied with the pod. */
const STATUS = `${PREFIX}status`;

/** More would not help to find a misspelt one. */
const NAMES_SHOWN = 5;

export type Plan = {
  readonly declaration: Declaration;
  readonly config: InjectorConfig;
  readonly settings: AdmissionSettings;
};

export type Mutation =
  | { readonly ok: true; readonly pod: Pod; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * The injected copy of the pod; the pod itself stays as it is. A pod that already holds the same injection keeps it, with
 * whatever else was done to it since; another injection (a copied pod) is replaced.
 */
export function mutate(before: Pod, plan: Plan): Mutation {
  const pod = structuredClone(before);
  const taken = [...takenContainer(pod), ...takenVolumes(pod)];
  const placed = keep(pod, plan) ?? inject(pod, plan);
  const refusals = [...taken, ...placed.refusals];
  if (!placed.container || refusals.length > 0) return { ok: false, refusals };
  const warnings = placeContainer(pod, placed.container, plan.declaration.position);
  pod.metadata.annotations = { ...pod.metadata.annotations, [STATUS]: 'injected' };
  return { ok: true, pod, warnings };
}

type Placed = { readonly refusals: readonly Refusal[]; readonly container?: Container };

/** A later pass over the same pod: only containers that are named, and came since, get the mount. */
function keep(pod: Pod, { declaration, config }: Plan): Placed | undefined {
  const { mountPath, containers } = declaration;
  const ours = findOurs(pod);
  const injected = othersOf(pod).filter((container) => hasMount(container, mountPath));
  if (!ours || injected.length === 0 || !hasVolumes(pod) || !sameConfig(ours.config, config)) return undefined;
  const chosen = containers ? chosenOf(pod, containers) : injected;
  const added = chosen.filter((container) => !injected.includes(container));
  placeMounts(pod, chosen, mountPath, false);
  return { refusals: takenPaths(added, mountPath), container: ours.container };
}

function inject(pod: Pod, { declaration, config, settings }: Plan): Placed {
  const { mountPath, overrides } = declaration;
  const chosen = chosenOf(pod, declaration.containers);
  const identity = identityOf(pod, overrides);
  const size = volumeBytes(config);
  const resources = resourcesOf({ pod, volumeBytes: size, overrides, chart: settings.injector.resources });
  const small = resources instanceof Refusal;
  const refusals = [
    ...(chosen.length === 0 ? [unknownContainers(pod)] : []),
    ...takenPaths(chosen, mountPath),
    ...unreadable(pod, readersOf(pod, chosen), filesOf(config), identity),
    ...(Buffer.byteLength(encodeConfig(config)) > CONFIG_LIMIT ? [tooLarge(config)] : []),
    ...(small ? [resources] : []),
  ];
  if (small || refusals.length > 0) return { refusals };
  placeMounts(pod, chosen, mountPath, findOurs(pod) !== undefined);
  placeVolumes(pod, volumesFor(size));
  return { refusals, container: containerFor({ config, settings, identity, resources }) };
}

/** The app's containers among the chosen: an init container of another user may do without the files. */
function readersOf(pod: Pod, chosen: readonly Container[]): readonly Container[] {
  const app = chosen.filter((container) => pod.spec.containers.includes(container));
  return app.length > 0 ? app : chosen;
}

function unknownContainers(pod: Pod): Refusal {
  const others = othersOf(pod);
  const names = others.slice(0, NAMES_SHOWN).map(({ name }) => `"${echo(name)}"`);
  if (others.length > NAMES_SHOWN) names.push(`and ${others.length - NAMES_SHOWN} more`);
  return new Refusal(
    'ASI_ADMIT_UNKNOWN_CONTAINER',
    `Annotation ${PREFIX}containers names none of the pod's containers; there are ${names.join(', ')}.`,
  );
}

function tooLarge(config: InjectorConfig): Refusal {
  return new Refusal(
    'ASI_ADMIT_TOO_LARGE',
    `The ${config.objects.length} declared objects make a configuration of more than ${CONFIG_LIMIT / 1024} KiB: declare fewer.`,
  );
}
