/**
 * Restores the containers of the previous injection. Everything that decides which code runs is as the webhook writes
 * it, and only what the API server and other webhooks may add is kept. A container that nobody tampered with does not
 * change.
 */
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { isLoaderVariable } from '../../injector/contract/loader-variables.ts';
import { withRun } from '../declare/system-folders.ts';
import { RUNTIME_ENV } from '../mutate/container/container.ts';
import { amount, atMost, type Quantity } from '../mutate/container/quantity.ts';
import { makeSentinel } from '../mutate/environment/sentinel.ts';
import { VOLUMES } from '../pod/names.ts';
import type { Container, Resources, Variable, VolumeMount } from '../pod/pod.ts';
import type { Previous } from './previous.ts';

type Quantities = Readonly<Record<string, Quantity>> | null | undefined;

/** Members of containers that this program neither reads nor writes, but keeps. */
type Extended = Container & {
  readonly imagePullPolicy?: unknown;
  readonly terminationMessagePath?: unknown;
  readonly resizePolicy?: unknown;
};

/**
 * Returns our containers as the pod is to have them: `made`, and the sentinel if the configuration asks for one. Those
 * of the `previous` injection are restored; undefined means that all are new.
 */
export function restoreOurs(
  made: Container,
  { environment }: InjectorConfig,
  previous: Previous | undefined,
): Container[] {
  const container = previous ? restore(made, previous.container) : made;
  if (!environment?.sentinel) return [container];
  const sentinel = makeSentinel(made, RUNTIME_ENV);
  return [container, previous?.sentinel ? restore(sentinel, previous.sentinel) : sentinel];
}

/**
 * Returns `present` itself if it is what `made` is, apart from what others may add: limits, variables and mounts.
 * Else returns `made` with those additions. Everything else that `present` has is dropped, fields that are unknown here
 * too.
 */
function restore(made: Container, present: Container): Container {
  const { securityContext } = present;
  const restored = {
    ...made,
    ...defaultsOf(present),
    env: keepEnv(made.env ?? [], present.env ?? []),
    resources: keepResources(made.resources, present.resources),
    securityContext: isDeepStrictEqual(withoutDefaults(securityContext), made.securityContext)
      ? securityContext
      : made.securityContext,
    ...mountsOf(made, present),
  };
  return isDeepStrictEqual(restored, present) ? present : restored;
}

/**
 * Returns the resources as they are made now: those of the app may have changed since the previous injection. What
 * `made` leaves open stays as a LimitRange set it. No request is above a limit of that kind.
 */
function keepResources(made: Resources, present: Resources): Resources {
  const limits = keepQuantities(made?.limits, present?.limits);
  const requests = keepQuantities(made?.requests, present?.requests);
  for (const [name, quantity] of Object.entries(requests)) {
    requests[name] = atMost(quantity, limits[name]) ?? quantity;
  }
  return { ...present, requests, limits };
}

/** Returns the quantities of both, those of `made` first. An equal quantity stays as the API server writes it. */
function keepQuantities(made: Quantities, present: Quantities): Record<string, Quantity> {
  const kept = { ...present };
  for (const [name, quantity] of Object.entries(made ?? {})) {
    const found = kept[name];
    if (found === undefined || amount(found) !== amount(quantity)) kept[name] = quantity;
  }
  return kept;
}

/** Returns what the API server writes into every container, and the pull policy of its plugin AlwaysPullImages. */
function defaultsOf({ imagePullPolicy, terminationMessagePath, resizePolicy }: Extended): object {
  return {
    ...(imagePullPolicy === 'Always' && { imagePullPolicy }),
    ...(terminationMessagePath === '/dev/termination-log' && { terminationMessagePath }),
    ...(resizePolicy !== undefined && { resizePolicy }),
  };
}

function withoutDefaults(securityContext: Container['securityContext']): unknown {
  const { procMount, ...others } = (securityContext ?? {}) as Record<string, unknown>;
  return procMount === undefined || procMount === 'Default' ? others : securityContext;
}

/** Keeps the list as it is if it has our variables as they were made; else puts ours first. */
function keepEnv(made: readonly Variable[], present: readonly Variable[]): Variable[] {
  const own = new Map(made.map((variable) => [variable.name, variable]));
  const missing = new Set(own.keys());
  const kept = present.filter((variable) => {
    const wanted = own.get(variable.name);
    if (!wanted) return !isSteering(variable.name);
    return isSameVariable(variable, wanted) && missing.delete(variable.name);
  });
  return missing.size === 0 ? kept : [...made, ...kept.filter(({ name }) => !own.has(name))];
}

/**
 * The injector's own runtime, its resolver and what it trusts; the variables of our own that this container does not
 * have.
 */
const STEERING =
  /^(AWS_SECRETS_INJECTOR_|BUN_|JSC_|NODE_|UV_|MIMALLOC_|SSL|OPENSSL|RES_OPTIONS$|RESOLV_|LOCALDOMAIN$|HOSTALIASES$)/i;

/**
 * Returns whether the variable would change what the injector does, so that nobody else may set it on our containers.
 */
function isSteering(name: string): boolean {
  return STEERING.test(name) || isLoaderVariable(name);
}

function isSameVariable(one: Variable, other: Variable): boolean {
  return isDeepStrictEqual(plainVariable(one), plainVariable(other));
}

/** Returns the variable without what the API server writes into each. */
function plainVariable({ value, valueFrom, ...others }: Variable): unknown {
  const { fieldRef, fileKeyRef, ...sources } = (valueFrom ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const { apiVersion = 'v1', ...field } = fieldRef ?? {};
  const { optional = false, ...file } = fileKeyRef ?? {};
  return {
    ...others,
    value: value ?? '',
    sources,
    ...(fieldRef && { fieldRef: { ...field, apiVersion } }),
    ...(fileKeyRef && { fileKeyRef: { ...file, optional } }),
  };
}

function mountsOf(made: Container, present: Container): Pick<Container, 'volumeMounts'> {
  const volumeMounts = keepMounts(made.volumeMounts ?? [], present.volumeMounts ?? []);
  return made.volumeMounts || volumeMounts.length > 0 || present.volumeMounts ? { volumeMounts } : {};
}

/** Keeps the list as it is if it has our mounts as they were made; else puts ours first. */
function keepMounts(made: readonly VolumeMount[], present: readonly VolumeMount[]): VolumeMount[] {
  const own = new Map(made.map((mount) => [mount.mountPath, mount]));
  const volumes = new Set([...Object.values<string>(VOLUMES), ...made.map(({ name }) => name)]);
  const missing = new Set(own.keys());
  const kept = present.filter((mount) => {
    const wanted = own.get(mount.mountPath);
    if (!wanted) return !volumes.has(mount.name) && !isInTheWay(mount.mountPath);
    return isSameMount(mount, wanted) && missing.delete(mount.mountPath);
  });
  return missing.size === 0 ? kept : [...made, ...kept.filter(({ mountPath }) => !own.has(mountPath))];
}

/** The folders of the injector's program, of the libraries and files that it loads, and of what it reads and writes. */
const NEEDED = [
  ...['/bin', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/proc', '/sbin', '/sys', '/usr'],
  ...['/aws-secrets-injector', '/run/aws-secrets-injector'],
];

/** Returns whether a mount at this path would hide something that the injector needs. */
function isInTheWay(mountPath: string): boolean {
  const path = withRun(posix.resolve('/', mountPath));
  const folder = path === '/' ? path : `${path}/`;
  return NEEDED.some((needed) => folder.startsWith(`${needed}/`) || `${needed}/`.startsWith(folder));
}

function isSameMount(one: VolumeMount, other: VolumeMount): boolean {
  return isDeepStrictEqual(plainMount(one), plainMount(other));
}

/** Returns the mount without what the API server writes into each. */
function plainMount(mount: VolumeMount): unknown {
  const { readOnly, mountPropagation, recursiveReadOnly, ...others } = mount as unknown as Record<string, unknown>;
  return {
    ...others,
    readOnly: readOnly ?? false,
    mountPropagation: mountPropagation ?? 'None',
    recursiveReadOnly: recursiveReadOnly ?? 'Disabled',
  };
}
