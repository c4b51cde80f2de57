/** Makes the injected pod from a pod and what it declares. */

import type { InjectorConfig } from '../../injector/contract/config.ts';
import { CONFIG_LIMIT, encodeConfig } from '../../injector/contract/encode.ts';
import { FILES_DIRECTORY } from '../../injector/contract/names.ts';
import { PREFIX } from '../declare/annotations.ts';
import { memoizeByObject } from '../declare/memoize.ts';
import { isRefusal, type Refusal, refusal } from '../errors.ts';
import { INJECTED_WITH_WARNINGS } from '../pod/names.ts';
import { type Container, draftOf, type Pod } from '../pod/pod.ts';
import { previousText } from '../reinvocation/previous.ts';
import { restoreOurs } from '../reinvocation/restore.ts';
import { exclusionFromBackups } from './backup.ts';
import { makeContainer, refuseContainers, refuseStripped, shareContainer } from './container/container.ts';
import { chooseResources } from './container/resources.ts';
import { sizeOf } from './container/size.ts';
import { limitedFiles, refuseUnreadable, unreadable } from './container/user.ts';
import { refuseEarlyUses } from './environment/made-secrets.ts';
import { setShells } from './environment/shell.ts';
import { restoreReferences, rewriteFromConfig, rewriteReferences } from './environment/synced.ts';
import { missingSecrets, refuseOptional, refuseUnknownKeys } from './environment/unsynced.ts';
import { setEntries } from './environment/variables.ts';
import { type Layout, makeLayout, type Plan, refuseLayout } from './layout.ts';
import { makeReadOnly, refuseMounts, setMounts } from './mounts.ts';
import { setContainers } from './position.ts';
import { refuseRotation } from './rotation.ts';
import { makeVolumes, refuseVolumes, setVolumes } from './volumes.ts';
import { makeWarnings } from './warnings.ts';

/**
 * The annotation that says that a pod was injected. It only informs: nothing trusts it, as a copy of the pod has it
 * too.
 */
const STATUS = `${PREFIX}status`;

/** The status has at most so many characters of warnings, which is enough for the first three. */
const STATUS_LIMIT = 400;

export type Mutation =
  | { readonly ok: true; readonly pod: Pod; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * Returns the injected copy of the pod, or everything that is wrong with it; the pod itself stays as it is. A previous
 * injection with the same configuration stays, with what others may add to it; what decides which code runs is made
 * again. Another one, as in a copy of a pod whose annotations were edited, is replaced.
 */
export function mutate(before: Pod, plan: Plan): Mutation {
  const pod = draftOf(before);
  const { declaration, config } = plan;
  const layout = makeLayout(pod, plan);
  const made = make(pod, plan, layout);
  const refusals = [
    ...refuseContainers(pod, plan.previous),
    ...(layout.kept ? refuseStripped(layout.kept) : []),
    ...refuseRotation(pod, plan, layout),
    ...refuseVolumes(pod, [config, plan.previous?.config]),
    ...refuseMounts(layout.others, layout.filled),
    ...refuseLayout(pod, plan, layout),
    ...refuseUnknownKeys(pod, plan),
    ...refuseEarlyUses(pod, declaration, layout.earlier),
    ...made.refusals,
  ];
  if (!made.container || refusals.length > 0) return { ok: false, refusals };
  changeOthers(pod, plan, layout);
  const without = refuseOptional(pod, missingSecrets(pod, plan, layout.earlier));
  if (without.length > 0) return { ok: false, refusals: without };
  const ours = restoreOurs(made.container, config, layout.kept);
  const warnings = [...setContainers(pod, ours, declaration.position), ...makeWarnings(before, pod, plan, layout)];
  const status = statusOf(pod, warnings, layout);
  const { annotations } = pod.metadata;
  pod.metadata.annotations = { ...annotations, [STATUS]: status, ...exclusionFromBackups(pod, layout.filled) };
  return { ok: true, pod, warnings };
}

/**
 * Returns the text of the status: that the pod was injected, and the warnings, which nobody sees when a controller creates the
 * pod. A second pass leaves the status as it is: what the first one warned of may be gone from the pod.
 */
function statusOf({ metadata }: Pod, warnings: readonly string[], { kept }: Layout): string {
  const before = metadata.annotations?.[STATUS];
  if (kept && before !== undefined) return before;
  if (warnings.length === 0) return 'injected';
  const list = warnings
    .map((warning) => warning.replace(/\.$/, ''))
    .join('; ')
    .replaceAll(/\p{Cc}/gu, ' ')
    .toWellFormed();
  const text = list.length > STATUS_LIMIT ? `${list.slice(0, STATUS_LIMIT - 1).toWellFormed()}…` : list;
  return INJECTED_WITH_WARNINGS + text;
}

/** Returns the configuration as the value of a variable. */
const textOf = memoizeByObject(encodeConfig);

type Made = { readonly refusals: readonly Refusal[]; readonly container?: Container };

/** Makes the injected container as a pod without a previous injection gets it. */
function make(pod: Pod, { declaration, config, settings }: Plan, { filled, chosen, user, kept }: Layout): Made {
  const needs = { pod, volumeBytes: sizeOf(filled), overrides: declaration };
  const resources = chooseResources(needs, config, settings);
  const configText = kept ? previousText(kept) : textOf(config);
  const files = limitedFiles(config).filter(({ directory = FILES_DIRECTORY }) => directory === FILES_DIRECTORY);
  const refusals = [
    ...unreadable(pod, readersOf(pod, chosen), files, user).map(refuseUnreadable),
    ...(Buffer.byteLength(configText) > CONFIG_LIMIT ? [tooLarge(config)] : []),
  ];
  if (isRefusal(resources)) return { refusals: [...refusals, resources] };
  const parts = { configText, config, settings, user, resources, filled };
  return { refusals, container: kept ? makeContainer(parts) : shareContainer(parts) };
}

/** Changes everything in the pod except our own containers. */
function changeOthers(pod: Pod, { declaration, config, previous, envFiles }: Plan, layout: Layout): void {
  const { filled, mounts, shell, entries, others, earlier, served, chosen, kept } = layout;
  const receivers = new Set(chosen);
  const isCopy = !kept && previous !== undefined;
  if (mounts.length > 0 || isCopy) setMounts(others, receivers, mounts, isCopy);
  setEntries(others, receivers, entries);
  if (envFiles.server) rewriteReferences(served, declaration);
  if (envFiles.server) rewriteFromConfig(served, config);
  restoreReferences(earlier);
  setShells(others, new Set(shell), served, config);
  makeReadOnly(others, filled);
  setVolumes(pod, makeVolumes(config), isCopy);
}

/**
 * Returns the chosen containers that are not init containers, if any: an init container of another user may do without
 * the files.
 */
function readersOf(pod: Pod, chosen: readonly Container[]): readonly Container[] {
  const all = new Set(pod.spec.containers);
  const app = chosen.filter((container) => all.has(container));
  return app.length > 0 ? app : chosen;
}

function tooLarge(config: InjectorConfig): Refusal {
  const { caBundle, ...aws } = config.aws ?? {};
  if (caBundle !== undefined && Buffer.byteLength(encodeConfig({ ...config, aws })) <= CONFIG_LIMIT) {
    return refusal(
      'ASI_ADMIT_TOO_LARGE',
      `The configuration would have more than ${CONFIG_LIMIT / 1024} KiB, because the chart value aws.caBundle has ` +
        `${Math.ceil(Buffer.byteLength(caBundle) / 1024)} KiB: whoever installed the chart has to use aws.caBundleConfigMap for it.`,
    );
  }
  return refusal(
    'ASI_ADMIT_TOO_LARGE',
    `The ${config.objects.length} declared objects make a configuration of more than ${CONFIG_LIMIT / 1024} KiB: declare fewer.`,
  );
}
