/** A pod and what it declares in, the injected pod out. */
import { CONFIG_LIMIT, encodeConfig, type InjectorConfig } from '../../injector/config.ts';
import { PREFIX } from '../declare/annotations.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import type { Container, Pod } from '../pod/pod.ts';
import { previousText } from '../reinvocation/previous.ts';
import { oursIn } from '../reinvocation/restore.ts';
import { containerFor, takenContainers } from './container/container.ts';
import { resourcesOf } from './container/resources.ts';
import { filesOf, refuseUnreadable, unreadable } from './container/user.ts';
import { draftOf } from './draft.ts';
import { placeShell } from './environment/shell.ts';
import { restoreReferences, rewriteKnown, rewriteReferences } from './environment/synced.ts';
import { missingIn, startingWithout } from './environment/unsynced.ts';
import { placeEntries } from './environment/variables.ts';
import { type Layout, layoutOf, problemsOf } from './layout.ts';
import { placeMounts, takenMounts } from './mounts.ts';
import type { Plan } from './plan.ts';
import { othersOf, placeContainers } from './position.ts';
import { makeReadOnly } from './takeover.ts';
import { placeVolumes, presentOrMade, takenVolumes, volumesFor } from './volumes.ts';
import { warningsOf } from './warnings.ts';

/** Information only: nothing trusts it, as it is copied with the pod. */
const STATUS = `${PREFIX}status`;

export type Mutation =
  | { readonly ok: true; readonly pod: Pod; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * Returns the injected copy of the pod; the pod itself stays as it is. A pod that already holds the same injection keeps it,
 * with what others may add to it; what decides what runs is made as the first time. Another injection (a copied pod) is
 * replaced.
 */
export function mutate(before: Pod, plan: Plan): Mutation {
  const pod = draftOf(before);
  const { declaration, config } = plan;
  const layout = layoutOf(pod, plan);
  const made = make(pod, plan, layout);
  const refusals = [
    ...takenContainers(pod, plan.previous),
    ...takenVolumes(pod),
    ...takenMounts(pod, layout.filled),
    ...problemsOf(pod, declaration, layout),
    ...made.refusals,
  ];
  if (!made.container || refusals.length > 0) return { ok: false, refusals };
  place(pod, plan, layout);
  const without = startingWithout(pod, missingIn(plan, layout.earlier));
  if (without.length > 0) return { ok: false, refusals: without };
  const ours = oursIn(made.container, config, layout.kept);
  const warnings = [...placeContainers(pod, ours, declaration.position), ...warningsOf(before, pod, plan, layout)];
  pod.metadata.annotations = { ...pod.metadata.annotations, [STATUS]: 'injected' };
  return { ok: true, pod, warnings };
}

type Made = { readonly refusals: readonly Refusal[]; readonly container?: Container };

/** Makes our container, as a pod that has none yet would get it. */
function make(pod: Pod, { declaration, config, settings }: Plan, { filled, chosen, user, kept }: Layout): Made {
  const { overrides } = declaration;
  const volumeBytes = filled.reduce((total, { bytes }) => total + bytes, 0);
  const resources = resourcesOf({ pod, volumeBytes, overrides, chart: settings.injector.resources });
  const configText = kept ? previousText(kept) : encodeConfig(config);
  const files = filesOf(config).filter(({ directory }) => directory === undefined);
  const refusals = [
    ...unreadable(pod, readersOf(pod, chosen), files, user).map(refuseUnreadable),
    ...(Buffer.byteLength(configText) > CONFIG_LIMIT ? [tooLarge(config)] : []),
  ];
  if (isRefusal(resources)) return { refusals: [...refusals, resources] };
  return { refusals, container: containerFor({ configText, settings, user, resources, filled }) };
}

/** Everything but our own containers. */
function place(pod: Pod, { declaration, config, previous, envFiles }: Plan, layout: Layout): void {
  const { filled, mounts, shell, entries, earlier, chosen, kept } = layout;
  const others = othersOf(pod);
  const [early, receivers] = [new Set(earlier), new Set(chosen)];
  const served = others.filter((container) => !early.has(container));
  const isCopy = !kept && previous !== undefined;
  if (mounts || isCopy) placeMounts(pod, mounts ? chosen : [], declaration.mountPath, isCopy);
  for (const container of others) placeEntries(container, receivers.has(container) ? entries : []);
  if (envFiles.server) rewriteReferences(served, declaration);
  if (envFiles.server) rewriteKnown(served, config);
  restoreReferences(earlier);
  for (const container of others) placeShell(container, shell && receivers.has(container));
  makeReadOnly(others, filled);
  placeVolumes(pod, presentOrMade(pod, volumesFor(filled, config.identity)), isCopy);
}

/** The app's containers among the chosen: an init container of another user may do without the files. */
function readersOf(pod: Pod, chosen: readonly Container[]): readonly Container[] {
  const all = new Set(pod.spec.containers);
  const app = chosen.filter((container) => all.has(container));
  return app.length > 0 ? app : chosen;
}

function tooLarge(config: InjectorConfig): Refusal {
  return refusal(
    'ASI_ADMIT_TOO_LARGE',
    `The ${config.objects.length} declared objects make a configuration of more than ${CONFIG_LIMIT / 1024} KiB: declare fewer.`,
  );
}
