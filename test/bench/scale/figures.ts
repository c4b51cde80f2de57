/** Reads figures out of the metrics of the API server. Pure. */
import { type Sample, samplesOf } from '../../e2e/harness/metrics.ts';

/** The counts of a histogram's buckets by their upper bounds, in rising order. Each count includes those of the buckets below. */
export type Buckets = ReadonlyMap<number, number>;

/** Returns the seconds within which the API server got the answers of the webhook about pods, from the text of its /metrics. */
export function admissionsOf(text: string): Buckets {
  const buckets = new Map<number, number>();
  for (const sample of samplesOf(text)) {
    const bound = boundOf(sample);
    if (bound !== undefined) buckets.set(bound, (buckets.get(bound) ?? 0) + sample.value);
  }
  return new Map([...buckets].sort(([one], [other]) => one - other));
}

/** Returns the upper bound of a bucket of the webhook's histogram, or undefined for any other sample. */
function boundOf({ name, labels }: Sample): number | undefined {
  if (name !== 'apiserver_admission_webhook_admission_duration_seconds_bucket') return undefined;
  if (labels['name'] !== 'pods.aws-secrets-injector.dev') return undefined;
  return labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
}

/** Returns how many requests of this FlowSchema the API server has taken, from the text of its /metrics. */
export function dispatchedOf(text: string, flow: string): number {
  return samplesOf(text)
    .filter(
      ({ name, labels }) =>
        name === 'apiserver_flowcontrol_dispatched_requests_total' && labels['flow_schema'] === flow,
    )
    .reduce((sum, { value }) => sum + value, 0);
}

/** Returns what was counted between two reads. */
export function since(before: Buckets, after: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

/**
 * Returns the quantile as Prometheus computes it: values are taken to be spread evenly in their bucket, and those above the last
 * bound to be at it. NaN if nothing was counted.
 */
export function quantileOf(buckets: Buckets, quantile: number): number {
  const total = buckets.get(Infinity) ?? 0;
  if (total === 0) return Number.NaN;
  const rank = quantile * total;
  let [low, below] = [0, 0];
  for (const [bound, count] of buckets) {
    if (count >= rank && bound !== Infinity) return low + ((bound - low) * (rank - below)) / (count - below);
    if (bound !== Infinity) [low, below] = [bound, count];
  }
  return low;
}
