/**
 * A Kubernetes API server in memory, for the few resources that the certificates touch: resource versions and their
 * conflicts, JSON patches with `test`, validation of Secrets, and watches, as the real one does them.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import jsonPatch, { type Operation } from 'fast-json-patch';

export type Stored = {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    [key: string]: unknown;
  };
  type?: string;
  data?: Record<string, string>;
  webhooks?: { name: string; clientConfig: { caBundle?: string } }[];
  [key: string]: unknown;
};

export type Call = { readonly method: string; readonly path: string };

export type ApiServer = {
  readonly kubeConfig: KubeConfig;
  readonly calls: Call[];
  /** The object at a collection's path, as it is now; a copy. */
  get(collection: string, name: string): Stored | undefined;
  /** Writes as someone else would, whatever the version. */
  put(collection: string, object: Stored): void;
  delete(collection: string, name: string): void;
  /** Answers requests with this status for as long as the function returns one. */
  fault(find: ((call: Call) => number | undefined) | undefined): void;
  /** Called after each change, before the answer. */
  onChange(listener: () => void): void;
  /** Cuts every open watch; says how many. */
  cutWatches(): number;
  close(): Promise<void>;
};

type Watcher = { readonly collection: string; readonly name: string | null; readonly response: ServerResponse };
type Answer = { readonly status: number; readonly body: object };

const COLLECTION =
  /^(\/(?:api\/v1|apis\/[^/]+\/v1)(?:\/namespaces\/[^/]+)?\/(?:secrets|deployments|mutatingwebhookconfigurations))(?:\/([^/]+))?$/;

/** Starts one on a free port of the loopback address. */
export async function startApiServer(): Promise<ApiServer> {
  const objects = new Map<string, Stored>();
  const watchers = new Set<Watcher>();
  const listeners: (() => void)[] = [];
  const calls: Call[] = [];
  let version = 100;
  let findFault: ((call: Call) => number | undefined) | undefined;

  const changed = (type: string, collection: string, object: Stored) => {
    for (const watcher of watchers) {
      if (watcher.collection !== collection) continue;
      if (watcher.name !== null && watcher.name !== object.metadata.name) continue;
      watcher.response.write(`${JSON.stringify({ type, object })}\n`);
    }
    for (const listener of listeners) listener();
  };
  const commit = (collection: string, object: Stored): Stored => {
    const key = `${collection}/${object.metadata.name}`;
    const old = objects.get(key);
    const metadata = {
      ...object.metadata,
      uid: old?.metadata.uid ?? randomUUID(),
      creationTimestamp: old?.metadata.creationTimestamp ?? new Date().toISOString(),
      resourceVersion: old?.metadata.resourceVersion ?? '',
    };
    // A write that changes nothing makes no new version and tells no watch.
    if (old && isDeepStrictEqual(old, { ...object, metadata })) return old;
    version += 1;
    const stored = structuredClone({ ...object, metadata: { ...metadata, resourceVersion: String(version) } });
    objects.set(key, stored);
    changed(old ? 'MODIFIED' : 'ADDED', collection, stored);
    return stored;
  };
  const remove = (collection: string, name: string) => {
    const old = objects.get(`${collection}/${name}`);
    if (!old) return;
    objects.delete(`${collection}/${name}`);
    version += 1;
    changed('DELETED', collection, { ...old, metadata: { ...old.metadata, resourceVersion: String(version) } });
  };

  const write = (method: string, collection: string, name: string | undefined, body: string): Answer => {
    const sent: unknown = JSON.parse(body || '{}');
    const key = `${collection}/${name ?? (sent as Stored).metadata.name}`;
    const old = objects.get(key);
    if (method === 'POST') return old ? status(409, 'AlreadyExists', key) : validated(sent as Stored, undefined, 201);
    if (!old) return status(404, 'NotFound', key);
    if (method === 'PUT') {
      const expected = (sent as Stored).metadata.resourceVersion;
      if (expected !== undefined && expected !== old.metadata.resourceVersion) return status(409, 'Conflict', key);
      return validated(sent as Stored, old, 200);
    }
    return patched(sent as Operation[], old);

    function validated(object: Stored, before: Stored | undefined, success: number): Answer {
      const problem = object.kind === 'Secret' ? secretProblem(object, before) : undefined;
      return problem ?? { status: success, body: commit(collection, object) };
    }

    function patched(operations: Operation[], before: Stored): Answer {
      try {
        const { newDocument } = jsonPatch.applyPatch(structuredClone(before), operations, true);
        return validated(newDocument, before, 200);
      } catch {
        return status(422, 'Invalid', 'the server rejected our request due to an error in our request');
      }
    }
  };

  const watch = (collection: string, name: string | null, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    for (const [key, object] of objects) {
      const matches = name === null ? key.startsWith(`${collection}/`) : key === `${collection}/${name}`;
      if (matches) response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    }
    const watcher = { collection, name, response };
    watchers.add(watcher);
    response.on('close', () => watchers.delete(watcher));
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://api');
    const method = request.method ?? 'GET';
    const body = await text(request);
    calls.push({ method, path: url.pathname });
    // Requests of several clients interleave as over a network.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    const fault = findFault?.({ method, path: url.pathname });
    const [, collection, name] = url.pathname.match(COLLECTION) ?? [];
    if (fault) return answer(response, status(fault, 'Fault', 'as the test wants it'));
    if (!collection) return answer(response, status(404, 'NotFound', url.pathname));
    if (url.searchParams.has('watch')) {
      return watch(collection, url.searchParams.get('fieldSelector')?.replace('metadata.name=', '') ?? null, response);
    }
    if (method !== 'GET') return answer(response, write(method, collection, name, body));
    const object = objects.get(`${collection}/${name}`);
    return answer(response, object ? { status: 200, body: object } : status(404, 'NotFound', url.pathname));
  };

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeConfig: kubeConfigFor(`http://127.0.0.1:${port}`),
    calls,
    get: (collection, name) => structuredClone(objects.get(`${collection}/${name}`)),
    put: (collection, object) => void commit(collection, object),
    delete: remove,
    fault: (find) => {
      findFault = find;
    },
    onChange: (listener) => void listeners.push(listener),
    cutWatches: () => {
      const open = [...watchers];
      for (const { response } of open) response.destroy();
      return open.length;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function kubeConfigFor(server: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: 'memory', server, skipTLSVerify: true }, { name: 'test' });
  return kubeConfig;
}

function secretProblem(object: Stored, before: Stored | undefined): Answer | undefined {
  if (before && object.type !== before.type) return status(422, 'Invalid', 'type: field is immutable');
  const data = object.data ?? {};
  const missing = ['tls.crt', 'tls.key'].filter((key) => !(key in data));
  if (object.type === 'kubernetes.io/tls' && missing.length > 0) {
    return status(422, 'Invalid', `data[${missing[0]}]: Required value`);
  }
  const isBase64 = (value: string) => Buffer.from(value, 'base64').toString('base64') === value;
  return Object.values(data).every(isBase64) ? undefined : status(400, 'BadRequest', 'illegal base64 data');
}

function status(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message } };
}

function answer(response: ServerResponse, { status: code, body }: Answer): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
