/**
 * Finds pods that declare secrets and run without our container, and new ones that were injected with warnings, in the metadata of
 * all pods. Only what is found is kept.
 */
import type { KubeConfig, V1Namespace, V1Pod } from '@kubernetes/client-node';
import { isExempt } from '../admission/skip.ts';
import { createClient, PAGE_TIMEOUT_MS } from '../kubernetes/client.ts';
import { follow, type Log } from '../kubernetes/informer.ts';
import { listAll, METADATA, METADATA_LIST } from '../kubernetes/list.ts';
import { createFindings, isUninjected, type Listener, type Subject } from './uninjected.ts';
import { createWarned, warningsOf } from './warned.ts';

type Cache = 'pods' | 'namespaces';

type Options = Listener & {
  readonly kubeConfig: KubeConfig;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** The namespace of the webhook. */
  readonly namespace: string;
  /** Called once for each new pod that was injected with warnings. */
  readonly onWarned: (pod: Subject, warnings: string) => void;
  readonly onSynced: (cache: Cache) => void;
  readonly onContact: (cache: Cache) => void;
};

/** Selects the pods that have not ended. */
const RUNNING = 'status.phase!=Succeeded,status.phase!=Failed';
const PODS = `/api/v1/pods?fieldSelector=${encodeURIComponent(RUNNING)}`;
const NAMESPACES = '/api/v1/namespaces';

type FoundNamespace = { readonly name: string; readonly exempt: boolean };

/** Starts to follow pods and namespaces, until the signal aborts. */
export function findUninjectedPods(options: Options): void {
  const { kubeConfig, log, signal, onSynced, onContact } = options;
  const api = createClient(kubeConfig, PAGE_TIMEOUT_MS);
  const findings = createFindings(options);
  const warned = createWarned(options.onWarned);
  const cache = (resource: Cache) => ({
    ...{ kubeConfig, log, signal, resource, accept: METADATA },
    onContact: () => onContact(resource),
    onSynced: () => onSynced(resource),
  });

  void follow<V1Pod, FoundPod | undefined>({
    ...cache('pods'),
    list: () => listAll(api, { path: PODS, accept: METADATA_LIST }, trimPod),
    replace(all) {
      const pods = all.filter((pod) => pod !== undefined);
      findings.pods(pods.filter(({ uninjected }) => uninjected).map(({ subject }) => subject));
      warned.pods(pods.flatMap(({ subject, warnings }) => (warnings === undefined ? [] : { subject, warnings })));
    },
    changed(pod, deleted) {
      const found = deleted ? undefined : trimPod(pod);
      findings.pod(subjectOf(pod), found?.uninjected === true);
      warned.pod(subjectOf(pod), found?.warnings);
    },
  });

  const trimNamespace = ({ metadata }: V1Namespace): FoundNamespace => {
    const name = metadata?.name ?? '';
    return { name, exempt: isExempt(name, metadata?.labels ?? {}, options.namespace) };
  };
  void follow<V1Namespace, FoundNamespace>({
    ...cache('namespaces'),
    list: () => listAll(api, { path: NAMESPACES, accept: METADATA_LIST }, trimNamespace),
    replace: (all) => findings.exemptNamespaces(all.filter(({ exempt }) => exempt).map(({ name }) => name)),
    changed(namespace, deleted) {
      const { name, exempt } = trimNamespace(namespace);
      findings.namespace(name, exempt && !deleted);
    },
  });
}

type FoundPod = { readonly subject: Subject; readonly uninjected: boolean; readonly warnings: string | undefined };

/** Returns what is kept of a pod: nothing of most. */
function trimPod(pod: V1Pod): FoundPod | undefined {
  const uninjected = isUninjected(pod.metadata ?? {});
  const warnings = warningsOf(pod.metadata ?? {}, Date.now());
  return uninjected || warnings !== undefined ? { subject: subjectOf(pod), uninjected, warnings } : undefined;
}

function subjectOf({ metadata }: V1Pod): Subject {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  return { name, namespace, uid };
}
