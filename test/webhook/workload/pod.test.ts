/** Tests the pod that stands for the pods of a workload. */
import t from 'tap';
import { type Found, findInValue } from '../../../webhook/workload/find.ts';
import { podOf } from '../../../webhook/workload/pod.ts';

const podsOf = (object: unknown) => {
  const found: Found = { objects: [], templates: [], described: [] };
  findInValue(object, undefined, found);
  return found.templates.map(podOf);
};

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web' }] } };
const job = { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job' }] };
const cases: [apiVersion: string, kind: string, spec: object, metadata: object][] = [
  ['batch/v1', 'Job', { template }, job],
  ['batch/v1', 'CronJob', { jobTemplate: { spec: { template } } }, job],
  ['apps/v1', 'Deployment', { template }, {}],
];
for (const [apiVersion, kind, spec, metadata] of cases) {
  t.test(`a ${kind} has pods that ${metadata === job ? 'a Job owns' : 'no Job owns'}`, async (t) => {
    t.strictSame(podsOf({ apiVersion, kind, spec }), [
      { metadata: { ...template.metadata, ...metadata }, spec: template.spec },
    ]);
  });
}

t.test('annotations of others become texts, and ours stay as they are', async (t) => {
  const annotations = { 'example.com/port': 80, 'aws-secrets-injector.dev/files': 80 };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { annotations }, spec: template.spec };
  t.match(podsOf(pod), [{ metadata: { annotations: { ...annotations, 'example.com/port': '80' } } }]);
});
