import t from 'tap';
import { admissionsOf, dispatchedOf, quantileOf, since } from './figures.ts';

const HISTOGRAM = 'apiserver_admission_webhook_admission_duration_seconds_bucket';
const DISPATCHED = 'apiserver_flowcontrol_dispatched_requests_total';
const OURS = 'name="pods.aws-secrets-injector.dev"';
const TEXT = `
# HELP ${HISTOGRAM} Time of a webhook.
${HISTOGRAM}{${OURS},rejected="false",le="0.1"} 90
${HISTOGRAM}{${OURS},rejected="false",le="+Inf"} 100
${HISTOGRAM}{${OURS},rejected="false",le="0.005"} 50
${HISTOGRAM}{${OURS},rejected="true",le="0.005"} 10
${HISTOGRAM}{${OURS},rejected="true",le="+Inf"} 10
${HISTOGRAM}{name="other.example",rejected="false",le="0.005"} 7
${DISPATCHED}{flow_schema="ours",priority_level="workload-low"} 3
${DISPATCHED}{flow_schema="ours",priority_level="workload-high"} 4
${DISPATCHED}{flow_schema="probes",priority_level="exempt"} 50
`;

t.test("adds up the buckets of the webhook's histograms, in the order of their bounds", async (t) => {
  t.strictSame(
    [...admissionsOf(TEXT)],
    [
      [0.005, 60],
      [0.1, 90],
      [Infinity, 110],
    ],
  );
});

t.test('adds up the requests of one FlowSchema', async (t) => {
  t.equal(dispatchedOf(TEXT, 'ours'), 7);
});

t.test('a quantile lies in its bucket by the share of the counts before it', async (t) => {
  const buckets = new Map([
    [1, 50],
    [3, 90],
    [Infinity, 100],
  ]);
  t.equal(quantileOf(buckets, 0.25), 0.5);
  t.equal(quantileOf(buckets, 0.7), 2);
  t.equal(quantileOf(buckets, 0.99), 3, 'above the last bound');
});

t.test('nothing counted is no quantile, and what was counted before does not count', async (t) => {
  const counts = (...of: [number, number, number]) =>
    new Map([1, 2, Infinity].map((bound, at) => [bound, of[at] ?? 0]));
  const before = counts(50, 50, 50);
  t.ok(Number.isNaN(quantileOf(since(before, before), 0.5)));
  t.equal(quantileOf(since(before, counts(50, 60, 60)), 0.5), 1.5);
});
