/** Plans the migration of one pod template: the annotations, and what is taken out of it. */

import jsonPatch, { type Operation } from 'fast-json-patch';
import { isOurs, PREFIX } from '../../webhook/declare/annotations.ts';
import { expandedNames } from '../../webhook/mutate/environment/synced-uses.ts';
import { asPod, type Pod } from '../../webhook/pod/pod.ts';
import { isMembers } from '../../webhook/workload/find.ts';
import { podOf } from '../../webhook/workload/pod.ts';
import { annotationsOf, type World } from '../admission/world.ts';
import type { Template } from '../manifests/find.ts';
import { writeAnnotations } from './annotations.ts';
import { type Inventory, keyOf } from './inventory.ts';
import { type Mounts, readMounts } from './mounts.ts';
import { type FindSecret, type Located, readVariables, type Variables } from './variables.ts';
import { readVolumes } from './volumes.ts';

export type Plan = {
  /** The operations on the template; none if it has nothing that could be migrated. */
  readonly patch: readonly Operation[];
  /** True if the pod gets something of the injector then. */
  readonly declares: boolean;
  /** Why it can not be migrated, a sentence each. */
  readonly reasons: readonly string[];
  /** Says what will be different, a sentence each. */
  readonly notes: readonly string[];
};

const NOTHING: Plan = { patch: [], declares: false, reasons: [], notes: [] };

/** Returns the plan for a template. With `shell`, the shells of the containers set the variables, and not the kubelet. */
export async function planPod(template: Template, inventory: Inventory, world: World, shell: boolean): Promise<Plan> {
  const read = asPod(podOf(template));
  if (!read.ok) return NOTHING;
  const { pod } = read;
  const find: FindSecret = (name) => inventory.get(keyOf(template.owner, name, world));
  const containers = containersIn(pod);
  const variables = readVariables(containers, find);
  const volumes = await readVolumes(template, find, world);
  const mounts = readMounts(containers, volumes.replaced);
  const reasons = [
    ...variables.reasons,
    ...(variables.imports.length > 0 || shell ? variables.shellReasons : []),
    ...volumes.reasons,
    ...mounts.reasons,
    ...pullSecrets(pod, find),
  ];
  const removed = [...variables.patch, ...mounts.patch, ...volumes.patch];
  if (removed.length === 0) return { ...NOTHING, reasons };
  const access = [...variables.access, ...volumes.replaced.flatMap((volume) => volume.access)];
  const written = writeAnnotations({ containers, variables, mounts, access, shell }, world);
  return {
    patch: [...annotate(template, written.annotations), ...removed],
    declares: Object.keys(written.annotations).length > 0,
    reasons: [...reasons, ...written.reasons, ...expandedAnew(containers, variables), ...ownAnnotations(template)],
    notes: [
      ...variables.notes,
      ...moreFor(containers, variables, mounts),
      ...alone(mounts),
      ...blanks(written.annotations),
    ],
  };
}

function containersIn({ spec }: Pod): Located[] {
  return [
    ...(spec.initContainers ?? []).map((container, index) => ({ container, path: `/spec/initContainers/${index}` })),
    ...spec.containers.map((container, index) => ({ container, path: `/spec/containers/${index}` })),
  ];
}

/** The kubelet reads these Secrets itself, before any container of the pod runs. */
function pullSecrets({ spec }: Pod, find: FindSecret): string[] {
  const names = (spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
  return names
    .filter((name) => find(name) !== undefined)
    .map((name) => `It pulls its images with the Secret ${name} (imagePullSecrets), before anything is injected.`);
}

/** The annotation `inject` alone declares nothing. */
function ownAnnotations({ metadata }: Template): string[] {
  const annotations = annotationsOf({ value: { metadata } });
  const own = Object.keys(annotations).filter((key) => isOurs(key) && key !== `${PREFIX}inject`);
  if (own.length > 0) return [`It has ${own.join(', ')} already: write what is missing by hand.`];
  return annotations[`${PREFIX}inject`] === 'false' ? [`It has ${PREFIX}inject: "false".`] : [];
}

function annotate({ metadata }: Template, annotations: Readonly<Record<string, string>>): Operation[] {
  const entries = Object.entries(annotations);
  if (entries.length === 0) return [];
  if (Object.keys(metadata).length === 0) return [{ op: 'add', path: '/metadata', value: { annotations } }];
  const { annotations: own } = metadata;
  if (!isMembers(own) || Object.keys(own).length === 0) {
    return [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  }
  return entries.map(([key, value]) => ({
    op: 'add',
    path: `/metadata/annotations/${jsonPatch.escapePathComponent(key)}`,
    value,
  }));
}

/** Annotations count for all containers that get anything, so that one may get what only another one had. */
function moreFor(containers: readonly Located[], variables: Variables, mounts: Mounts): string[] {
  const receivers = containers.filter(
    ({ container: { name } }) => variables.receivers.has(name) || mounts.receivers.has(name),
  );
  const names = new Set([...variables.receivers.values()].flatMap((one) => [...one]));
  const paths = new Set([...mounts.receivers.values()].flatMap((one) => [...one]));
  return receivers.flatMap(({ container: { name, env } }) => {
    const own = new Set((env ?? []).map((one) => one.name));
    const [had, mounted] = [variables.receivers.get(name), mounts.receivers.get(name)];
    const more = [
      ...[...names]
        .filter((one) => !had?.has(one) && !own.has(one))
        .map((one) => one.replace(/^\*.*/, 'all keys of a secret')),
      ...[...paths].filter((path) => !mounted?.has(path)),
    ];
    return more.length === 0 ? [] : [`The container ${name} also gets ${[...new Set(more)].join(', ')}.`];
  });
}

/** A text with `$(NAME)` stays as it is in a container without that variable, and would change when the container gets it. */
function expandedAnew(containers: readonly Located[], { env, receivers }: Variables): string[] {
  return containers.flatMap(({ container }) => {
    const { name, env: own } = container;
    const had = new Set([...(receivers.get(name) ?? []), ...(own ?? []).map((one) => one.name)]);
    const expanded = expandedNames(container);
    const found = [...env.keys()].find((one) => !had.has(one) && expanded.has(one));
    return found === undefined
      ? []
      : [
          `The container ${name} has $(${found}) and no such variable, which it would get from another container's Secret.`,
        ];
  });
}

function alone({ folders }: Mounts): string[] {
  return folders.length > 1
    ? [
        'A pod has one folder, so that the files of all others are mounted one by one: what the image has beside them stays visible.',
      ]
    : [];
}

/** Go's `urlquery` writes a blank as `+`. */
function blanks(annotations: Readonly<Record<string, string>>): string[] {
  return annotations[`${PREFIX}templates`]?.includes(' | urlencode ')
    ? ['A blank in a value is %20 in its URLs, and was + by urlquery.']
    : [];
}
