/** Asks the API server to create an annotated pod and keep nothing of it, and judges what the webhook made of the pod. */
import { oneLine } from '../../injector/contract/text.ts';
import { PREFIX } from '../../webhook/declare/annotations.ts';
import { CONTAINER } from '../../webhook/pod/names.ts';
import type { Created } from '../cluster/cluster.ts';
import type { LivePod } from '../cluster/objects.ts';
import { type Condition, conditionsOf, type Passage } from '../explain/conditions.ts';
import { type Item, ok, problem, unseen } from './items.ts';

export type Probe = LivePod & {
  readonly spec: { readonly initContainers?: readonly { readonly name: string; readonly image: string }[] };
};

const NAME = 'dry-run';

/**
 * A pod that the webhook injects in every cluster: by Pod Identity it needs no role of a ServiceAccount. It fulfils the Pod
 * Security Standard `restricted`. Nothing starts it, and its image is never pulled.
 */
export function probePod(namespace: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'aws-secrets-injector-check-',
      namespace,
      annotations: { [`${PREFIX}files`]: 'check: aws-secrets-injector/check', [`${PREFIX}use-pod-identity`]: 'true' },
    },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'app',
          image: 'registry.k8s.io/pause:3.10',
          resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '10m', memory: '8Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

/** Maps each cause for which the API server could not call the webhook, in the API server's words, to the fix. */
const FAILURES: readonly (readonly [says: RegExp, fix: string])[] = [
  [/x509|certificate|tls:/i, 'See the items ca-bundle and certificate.'],
  [/no endpoints available|connection refused/i, 'See the item webhook-running.'],
  [/service "?\S+"? not found/i, 'Install the chart again: its Service is missing.'],
  [
    /deadline exceeded|timeout|timed out|no route to host/i,
    'Let the control plane reach the port 9443 of the nodes: on EKS in the security group of the nodes. With a network of pods that the control plane can not reach, set the chart value hostNetwork.',
  ],
];

const OTHER_FAILURE = `See the log of the webhook: kubectl logs -n aws-secrets-injector deployment/aws-secrets-injector`;

/** Judges the answer of the API server. `passage` has what else is known of the cluster. */
export function judgeProbe(created: Created<Probe>, passage: Omit<Passage, 'pod'>): Item {
  return created.kind === 'created' ? judgePod(created.value, passage) : judgeRefusal(created);
}

function judgePod(pod: Probe, passage: Omit<Passage, 'pod'>): Item {
  const injected = pod.spec.initContainers?.find(({ name }) => name === CONTAINER);
  if (injected) {
    return ok(
      NAME,
      `The API server sends pods to the webhook, and it injects them with the image ${oneLine(injected.image, 200)}.`,
    );
  }
  const conditions = conditionsOf({ ...passage, pod }, { outcome: 'injected', reason: 'declared' });
  const failing: Condition | undefined = conditions.find(({ result }) => result === 'fails');
  const why = failing?.why ?? 'The webhook was not asked, or gave no answer.';
  return problem(
    NAME,
    `A pod that declares secrets would be created without them. ${why}`,
    failing?.fix ?? OTHER_FAILURE,
  );
}

function judgeRefusal({ code, message }: Created<Probe> & { kind: 'refused' }): Item {
  const words = oneLine(message, 700);
  if (/failed calling webhook "pods\.aws-secrets-injector\.dev"/.test(message)) {
    const [, fix = OTHER_FAILURE] = FAILURES.find(([says]) => says.test(message)) ?? [];
    return problem(NAME, `The API server can not call the webhook: ${words}`, fix);
  }
  if (/webhook "pods\.aws-secrets-injector\.dev" denied the request/.test(message)) {
    return problem(NAME, `The webhook answers, and refuses every pod: ${words}`, 'Follow the sentence of the webhook.');
  }
  if (/ValidatingAdmissionPolicy 'aws-secrets-injector'/.test(message)) {
    const fix = 'See the item webhook-registered, and whether the namespace is exempt (-n names another).';
    return problem(NAME, `The webhook is not asked, and the policy of the chart refuses the pod: ${words}`, fix);
  }
  const isForbidden = code === 403 && !/denied the request|violates PodSecurity|exceeded quota/.test(message);
  const who = isForbidden ? 'you may not create pods here' : 'the API server refuses the pod for another reason';
  return unseen(NAME, `${who} (-n names another namespace): ${words}`);
}
