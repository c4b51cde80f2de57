/** Makes Events on pods, which `kubectl describe pod` shows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import pLimit from 'p-limit';
import { oneLine } from '../../injector/contract/text.ts';
import { apiPath, createClient, LIVE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { ApiError } from '../kubernetes/errors.ts';
import type { Log } from '../kubernetes/informer.ts';
import type { Subject } from './uninjected.ts';

export type EventOptions = {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly now?: () => Date;
};

/** So many milliseconds pass between two Events. Nobody waits for them, and the API server has other work. */
const PAUSE_MS = 100;

const COMPONENT = 'aws-secrets-injector';

const NOT_INJECTED =
  'The pod declares secrets in aws-secrets-injector.dev/ annotations, and was created without the init container that ' +
  'fetches them, as the webhook was not asked. Check that its MutatingWebhookConfiguration exists, and then delete the pod: ' +
  'its controller makes a new one.';

/** The most characters of the message of an Event. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
const MESSAGE_LIMIT = 1024;

/** One Event on a pod. Its name begins with `prefix`. */
type PodEvent = { readonly prefix: string; readonly reason: string; readonly message: string };

/** Is the Event on a pod that runs without the secrets that it declares. */
export const UNINJECTED: PodEvent = { prefix: 'not-injected', reason: 'SecretsNotInjected', message: NOT_INJECTED };

/** Returns the Event on a pod that was injected with warnings, which nobody saw if a controller created it. */
export function injectedWithWarnings(warnings: string): PodEvent {
  const message = oneLine(`The pod was injected, with warnings: ${warnings}`, MESSAGE_LIMIT - 1);
  return { prefix: 'injected-with-warnings', reason: 'SecretsInjectedWithWarnings', message };
}

/**
 * Returns a function that makes an Event on a pod, one after the other. The Event's name comes from the pod's uid, so that all
 * replicas together make one of a kind.
 */
export function podEvents({ kubeConfig, log, signal, now = () => new Date() }: EventOptions) {
  const api = createClient(kubeConfig, LIVE_TIMEOUT_MS);
  const line = pLimit(1);
  const makeEvent = async (pod: Subject, event: PodEvent) => {
    if (signal.aborted) return;
    try {
      await api.create(apiPath`/api/v1/namespaces/${pod.namespace}/events`, eventOf(pod, event, now()));
    } catch (error) {
      const status = error instanceof ApiError ? error.code : undefined;
      if (status !== 409) log.warn({ status, namespace: pod.namespace, pod: pod.name }, 'Could not make an event');
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  };
  return (pod: Subject, event: PodEvent): void => void line(makeEvent, pod, event);
}

function eventOf({ name, namespace, uid }: Subject, { prefix, reason, message }: PodEvent, time: Date) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${prefix}.${uid}`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
    type: 'Warning',
    reason,
    message,
    source: { component: COMPONENT },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
