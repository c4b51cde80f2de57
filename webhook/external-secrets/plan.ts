/** Plans how a pod gets the values of Secrets without these: the annotations that declare them, and what is taken out of the pod. */
import type { Operation } from 'fast-json-patch';
import { PREFIX } from '../declare/annotations.ts';
import { expandedNames } from '../mutate/environment/synced-uses.ts';
import type { Pod } from '../pod/pod.ts';
import { writeAnnotations } from './annotations.ts';
import { hasMount, mountPathOf, type Own, receiversOf } from './beside.ts';
import { type Mounts, readMounts } from './mounts.ts';
import { type FindSecret, type Located, readVariables, type Variables } from './variables.ts';
import { readVolumes, type VolumeContext } from './volumes.ts';

export type Plan = {
  /** The operations that take the references to Secrets out of the pod; none if it has nothing that could be replaced. */
  readonly patch: readonly Operation[];
  /** The annotations that the pod needs besides, or in the place of its own; none if nothing that is replaced comes from AWS. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Why it can not be done, a sentence each. */
  readonly reasons: readonly string[];
  /** Says what will be different, a sentence each. */
  readonly notes: readonly string[];
};

/** Holds everything that the planning of a pod needs besides the pod. */
export type PlanContext = VolumeContext & {
  /** The region of the cluster; undefined if it is not known. */
  readonly region: string | undefined;
  /** True if the shells of the containers set the variables, and not the kubelet. */
  readonly shell: boolean;
  /** The annotations of ours that the pod has. */
  readonly own: Own;
};

/** Returns the plan for a pod. */
export function planPod(pod: Pod, context: PlanContext): Plan {
  const { find, region, shell, own } = context;
  const containers = containersIn(pod);
  const variables = readVariables(containers, find);
  const volumes = readVolumes(pod.spec.volumes ?? [], context);
  const mounts = readMounts(containers, volumes.replaced);
  const reasons = [
    ...variables.reasons,
    ...(variables.imports.length > 0 || shell ? variables.shellReasons : []),
    ...volumes.reasons,
    ...mounts.reasons,
    ...pullSecrets(pod, find),
  ];
  const removed = [...variables.patch, ...mounts.patch, ...volumes.patch];
  if (removed.length === 0) return { patch: [], annotations: {}, reasons, notes: [] };
  const access = [...variables.access, ...volumes.replaced.flatMap((volume) => volume.access)];
  const { annotations, reasons: unwritten } = writeAnnotations(
    { containers, variables, mounts, access, shell, own },
    region,
  );
  return {
    patch: removed,
    annotations,
    reasons: [...reasons, ...unwritten, ...expandedAnew(containers, variables)],
    notes: [
      ...variables.notes,
      ...moreFor(containers, { variables, mounts, own }),
      ...alone(mounts, own),
      ...blanks(annotations),
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

type Declared = { readonly variables: Variables; readonly mounts: Mounts; readonly own: Own };

/** Annotations count for all containers that get anything, so that one may get what only another one had. */
function moreFor(containers: readonly Located[], { variables, mounts, own }: Declared): string[] {
  const given = receiversOf(
    own,
    containers.map(({ container: { name } }) => name),
  );
  const receivers = containers.filter(({ container: { name } }) =>
    given ? given.includes(name) : variables.receivers.has(name) || mounts.receivers.has(name),
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

function alone({ folders }: Mounts, own: Own): string[] {
  const others = hasMount(own) ? folders.filter(({ mountPath }) => mountPath !== mountPathOf(own)) : folders.slice(1);
  return others.length > 0
    ? [
        'A pod has one folder, so that the files of all others are mounted one by one: what the image has beside them stays visible.',
      ]
    : [];
}

/** Go's `urlquery` writes a blank as `+`. */
function blanks(annotations: Readonly<Record<string, string>>): string[] {
  return ['templates', 'env'].some((name) => annotations[PREFIX + name]?.includes(' | urlencode '))
    ? ['A blank in a value is %20 in its URLs, and was + by urlquery.']
    : [];
}
