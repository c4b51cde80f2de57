/** Reads how far the containers of a pod came, and what happened to it. */
import { oneLine } from '../../injector/contract/text.ts';
import { CONTAINER, SENTINEL_CONTAINER } from '../../webhook/pod/names.ts';
import type { ClusterEvent, ContainerStatus, LivePod } from '../cluster/objects.ts';

export type ContainerState = {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'succeeded' | 'failed';
  /** The kubelet's word, like CrashLoopBackOff, or `runs again`. */
  readonly reason?: string;
  /** The exit code of the last run that failed. */
  readonly exitCode?: number;
  readonly restarts: number;
  /** The lines of the injector's own message, or the kubelet's. A container of the user's has none: its message may hold anything. */
  readonly messages: readonly string[];
};

export type EventLine = {
  /** The last time, in ISO 8601; empty if the event has none. */
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
};

/** The kubelet writes these words for a container whose turn has not come. */
const NOT_YET: readonly string[] = ['PodInitializing', 'ContainerCreating'];

/** So many events are shown, the last ones. */
const MOST_EVENTS = 15;

/** Returns whether the webhook added the container. */
export function isInjected({ name }: { readonly name: string }): boolean {
  return name === CONTAINER || name === SENTINEL_CONTAINER;
}

/** Returns the states of the injected containers, and of each other one that is not as it should be. */
export function statesOf(pod: LivePod): ContainerState[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const isThrough = isInitialized(pod);
  return [
    ...initContainerStatuses.map((status) => stateOf(status, isThrough)),
    ...containerStatuses.map((status) => stateOf(status, true)),
  ].filter((one) => isInjected(one) || isTrouble(one));
}

function isTrouble({ state, reason = '' }: ContainerState): boolean {
  return state === 'failed' || (state === 'waiting' && reason !== '' && !NOT_YET.includes(reason));
}

/** Returns whether all init containers have done their work, those that go on running, too. */
export function isInitialized({ status }: LivePod): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Initialized' && status === 'True') ?? false;
}

/** A container that runs again after a failure has only overcome it if it is through. */
function stateOf(status: ContainerStatus, isThrough: boolean): ContainerState {
  const { name, restartCount: restarts = 0, state = {}, lastState = {} } = status;
  const { waiting, running, terminated } = state;
  const base = { name, restarts, messages: [] };
  const last = terminated ?? lastState.terminated;
  const failure = last?.exitCode === 0 ? undefined : last;
  if (terminated && !failure) return { ...base, state: 'succeeded' };
  if (running && (isThrough || !failure)) return { ...base, state: 'running' };
  const reason = running ? 'runs again' : waiting?.reason;
  return {
    ...base,
    state: failure ? 'failed' : 'waiting',
    ...(reason !== undefined && { reason: oneLine(reason, 100) }),
    ...(failure && { exitCode: failure.exitCode }),
    messages: isInjected(status) ? linesOf((failure ?? waiting)?.message) : [],
  };
}

/** Returns the events in the order of their last times. */
export function eventLines(events: readonly ClusterEvent[]): EventLine[] {
  return events
    .map((event) => ({
      time: timeOf(event),
      type: oneLine(event.type ?? '', 20),
      reason: oneLine(event.reason ?? '', 100),
      message: oneLine(event.message ?? '', 1024),
      count: event.series?.count ?? event.count ?? 1,
    }))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .slice(-MOST_EVENTS);
}

function timeOf({ series, lastTimestamp, eventTime, firstTimestamp }: ClusterEvent): string {
  return oneLine(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? '', 40);
}

/** The injector writes a failure a line. The text comes from the pod, and so must not steer a terminal. */
function linesOf(message = ''): string[] {
  return message
    .split('\n')
    .map((line) => oneLine(line))
    .filter((line) => line !== '');
}
