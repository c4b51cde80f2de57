/** Reads what Prometheus would read: of the API server, and of the webhook's replicas. */
import { RELEASE } from './install.ts';
import type { World } from './world.ts';

const WEBHOOK = 'pods.aws-secrets-injector.dev';

/** One line of the text that a program answers with at /metrics. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** Has what the API server counted since it started. */
export type Admissions = {
  /** Answers of our webhook that let a pod in. */
  readonly admitted: number;
  /** Pods refused on account of our webhook, by its answer or for want of one. */
  readonly rejected: number;
  /** Pods let in without having asked our webhook. */
  readonly failedOpen: number;
  /** Pods whose creation failed, for whatever reason. */
  readonly failedPods: number;
};

export async function admissions(world: World): Promise<Admissions> {
  const samples = samplesOf(await world.kubectl.run(['get', '--raw', '/metrics']));
  const sum = (name: string, labels: Record<string, string>, holds = (_: Sample) => true) =>
    samples
      .filter((sample) => sample.name === name && has(sample, labels) && holds(sample))
      .reduce((total, { value }) => total + value, 0);
  const ours = { name: WEBHOOK };
  const pods = { resource: 'pods', subresource: '', verb: 'POST' };
  return {
    admitted: sum('apiserver_admission_webhook_request_total', { ...ours, rejected: 'false' }),
    rejected: sum('apiserver_admission_webhook_rejection_count', ours),
    failedOpen: sum('apiserver_admission_webhook_fail_open_count', ours),
    failedPods: sum('apiserver_request_total', pods, ({ labels }) => Number(labels['code']) >= 400),
  };
}

/** Returns what was counted between two reads. */
export function between(before: Admissions, after: Admissions): Admissions {
  return {
    admitted: after.admitted - before.admitted,
    rejected: after.rejected - before.rejected,
    failedOpen: after.failedOpen - before.failedOpen,
    failedPods: after.failedPods - before.failedPods,
  };
}

/** Returns one metric of a replica, summed over those with these labels, or undefined if it has none. */
export async function replicaMetric(
  world: World,
  pod: string,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const path = `/api/v1/namespaces/${RELEASE}/pods/${pod}:8080/proxy/metrics`;
  const samples = samplesOf(await world.kubectl.run(['get', '--raw', path]));
  const found = samples.filter((sample) => sample.name === name && has(sample, labels));
  return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
}

function has({ labels }: Sample, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Reads the text of /metrics, and leaves out comments. */
export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, inner = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined) return [];
    const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text] as const);
    return [{ name, labels: Object.fromEntries(labels), value: Number(value) }];
  });
}
