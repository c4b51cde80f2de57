/** Makes Events on pods, which `kubectl describe pod` shows. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import pLimit from 'p-limit';
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

const MESSAGE =
  'The pod declares secrets in aws-secrets-injector.dev/ annotations, and was created without the init container that ' +
  'fetches them, as the webhook was not asked. Check that its MutatingWebhookConfiguration exists, and then delete the pod: ' +
  'its controller makes a new one.';

/**
 * Returns a function that makes an Event on a pod, one after the other. The Event's name comes from the pod's uid, so that all
 * replicas together make one.
 */
export function podEvents({ kubeConfig, log, signal, now = () => new Date() }: EventOptions): (pod: Subject) => void {
  const api = createClient(kubeConfig, LIVE_TIMEOUT_MS);
  const line = pLimit(1);
  const makeEvent = async (pod: Subject) => {
    if (signal.aborted) return;
    try {
      await api.create(apiPath`/api/v1/namespaces/${pod.namespace}/events`, eventOf(pod, now()));
    } catch (error) {
      const status = error instanceof ApiError ? error.code : undefined;
      if (status !== 409) log.warn({ status, namespace: pod.namespace, pod: pod.name }, 'Could not make an event');
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  };
  return (pod) => void line(makeEvent, pod);
}

function eventOf({ name, namespace, uid }: Subject, time: Date) {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `not-injected.${uid}`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
    type: 'Warning',
    reason: 'SecretsNotInjected',
    message: MESSAGE,
    source: { component: COMPONENT },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
