/** Tests that an injection keeps what the API server, its plugins and other webhooks may add to it. */
import t from 'tap';
import { type Json, patchOf } from '../support/admission.ts';
import { admissionWithSentinel, type OwnContainer } from '../support/injected-pods.ts';

const { answer, pods } = admissionWithSentinel(t);

/** Has what the API server, its plugins and other webhooks may add. */
const ADDITIONS: Record<string, (container: OwnContainer) => unknown> = {
  'defaults of the API server': (container) => {
    Object.assign(container, { terminationMessagePath: '/dev/termination-log' });
    Object.assign(container['securityContext'] as Json, { procMount: 'Default' });
    for (const { valueFrom } of container.env) {
      const { fieldRef, fileKeyRef } = (valueFrom ?? {}) as Record<string, Json>;
      if (fieldRef) fieldRef['apiVersion'] = 'v1';
      if (fileKeyRef) fileKeyRef['optional'] = false;
    }
  },
  'the pull policy of AlwaysPullImages': (container) => Object.assign(container, { imagePullPolicy: 'Always' }),
  'resources of a LimitRange': (container) =>
    Object.assign(container.resources, {
      limits: { ...(container.resources['limits'] as Json), cpu: '1', 'ephemeral-storage': '1Gi' },
    }),
  'a policy for resizes': (container) =>
    Object.assign(container, { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] }),
  'variables and the token of EKS': (container) => {
    container.env.push({ name: 'AWS_ROLE_ARN', value: 'x' }, { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: 'x' });
    const mountPath = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
    container.volumeMounts.push({ name: 'aws-iam-token', mountPath, readOnly: true });
  },
  'variables of others in front': ({ env }) => env.unshift({ name: 'DD_AGENT_HOST', value: 'x' }),
  'the token of Kubernetes': ({ volumeMounts }) =>
    volumeMounts.unshift({ name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }),
};

for (const [sentence, make] of Object.entries(pods)) {
  for (const [what, add] of Object.entries(ADDITIONS)) {
    t.test(`${sentence} keeps ${what}`, async (t) => {
      const pod = await make();
      for (const container of pod.spec.initContainers)
        add(Object.assign(container, { volumeMounts: container.volumeMounts ?? [] }));
      t.same(patchOf((await answer(pod)).review), []);
    });
  }
}
