/** Runs inside the cluster, as a program of its own: many reviews at once against the webhook's Service. */
import { request } from 'node:https';

/** Requests that are sent at once. */
export type Wave = {
  readonly name: string;
  readonly count: number;
  /** Bytes of each body. */
  readonly bytes: number;
  /** Sends half of each body, and then nothing. */
  readonly stalled?: boolean;
  /** The path, when it is not the webhook's. */
  readonly path?: string;
};

/** Counts how often each result came back: a status code, `503 without Retry-After`, or the code of an error. */
export type Ended = { readonly name: string; readonly ended: Record<string, number>; readonly slowest: number };

export type Plan = { readonly host: string; readonly namespace: string; readonly waves: readonly Wave[] };

const PATIENCE_MS = 30_000;
/** The webhook waits for the rest of a body for longer than this while it has room for others. */
const STALL_MS = 8000;

function review(namespace: string, bytes: number): Buffer {
  const annotations = { 'aws-secrets-injector.dev/files': 'x: e2e/plain', 'example.com/note': '' };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'flood', namespace, annotations },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app', image: 'app' }] },
  };
  const whole = (padding: number) => {
    const object = {
      ...pod,
      metadata: { ...pod.metadata, annotations: { ...annotations, 'example.com/note': 'x'.repeat(padding) } },
    };
    const resource = { group: '', version: 'v1', resource: 'pods' };
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    return Buffer.from(
      JSON.stringify({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { uid: 'flood', kind, resource, namespace, operation: 'CREATE', object },
      }),
    );
  };
  return whole(Math.max(0, bytes - whole(0).length));
}

/** Sends one request on a connection of its own, and returns how it ended. */
function send(host: string, body: Buffer, { stalled = false, path = '/mutate' }: Wave): Promise<string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const sent = request({ host, path, method: 'POST', headers, agent: false, rejectUnauthorized: false });
    const timer = setTimeout(() => sent.destroy(new Error('no end')), stalled ? STALL_MS : PATIENCE_MS);
    sent.on('response', (response) => {
      response.resume();
      const { statusCode, headers } = response;
      resolve(statusCode === 503 && !headers['retry-after'] ? '503 without Retry-After' : String(statusCode));
      if (stalled) sent.destroy();
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.on('close', () => clearTimeout(timer));
    if (stalled) sent.write(body.subarray(0, body.length / 2));
    else sent.end(body);
  });
}

const plan: Plan = JSON.parse(process.env['PLAN'] ?? '');
for (const wave of plan.waves) {
  const { name, count, bytes } = wave;
  const body = review(plan.namespace, bytes);
  const ended: Record<string, number> = {};
  const started = Date.now();
  let slowest = 0;
  const one = async () => {
    const how = await send(plan.host, body, wave);
    ended[how] = (ended[how] ?? 0) + 1;
    slowest = Math.max(slowest, Date.now() - started);
  };
  await Promise.all(Array.from({ length: count }, one));
  process.stdout.write(`${JSON.stringify({ name, ended, slowest } satisfies Ended)}\n`);
}
