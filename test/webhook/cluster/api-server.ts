/**
 * A Kubernetes API server in memory, for what the webhook reads: pages, watches that go on from a version, history that is
 * forgotten (410), bookmarks, resources that are not installed (404 in plain text), and faults, as the real one has them.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import type { Test } from 'tap';

export const ACCOUNTS = '/api/v1/serviceaccounts';
export const NODES = '/api/v1/nodes';
export const PODS = '/api/v1/pods';
export const NAMESPACES = '/api/v1/namespaces';
export const EVENTS = '/api/v1/events';
export const CLASSES = '/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses';
export const OLD_CLASSES = '/apis/secrets-store.csi.x-k8s.io/v1alpha1/secretproviderclasses';

export type Stored = { metadata: { name: string; namespace?: string; [key: string]: unknown }; [key: string]: unknown };

type Event = { readonly collection: string; readonly version: number; readonly type: string; readonly object: object };
type Call = {
  readonly kind: 'get' | 'list' | 'watch' | 'create';
  readonly path: string;
  readonly query: URLSearchParams;
  /** What of each object the client asked for. */
  readonly of: Part;
};
type Part = (object: object) => object;

const PAGE = 2;
const GROUP = /^\/apis\/[^/]+$/;
const NAMED = /^(\/apis?\/.*?)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/;

export type ClusterServer = Awaited<ReturnType<typeof startCluster>>;

export async function startCluster(t: Test, collections: readonly string[] = [ACCOUNTS, NODES]) {
  const objects = new Map<string, Map<string, Stored>>(collections.map((path) => [path, new Map()]));
  const watchers = new Set<{ readonly path: string; readonly response: ServerResponse; readonly of: Part }>();
  const hanging = new Set<ServerResponse>();
  const calls: Call[] = [];
  const history: Event[] = [];
  const state = {
    version: 100,
    /** Watches from before this version are told 410. */
    forgotten: 0,
    goneAs: 'event' as 'event' | 'status',
    serverVersion: { major: '1', minor: '35+', gitVersion: 'v1.35.2-eks-1a2b3c' } as Record<string, string>,
    /** A status to answer with, or never to answer. */
    fault: undefined as ((call: Call) => number | 'hang' | undefined) | undefined,
  };

  const tell = (event: Event) => {
    history.push(event);
    for (const { path, response, of } of watchers) {
      if (path === event.collection) send(response, event.type, of(event.object));
    }
  };
  const change = (collection: string, type: string, object: Stored) => {
    state.version += 1;
    const version = state.version;
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    tell({ collection, version, type, object: { ...object, metadata } });
  };

  const end = (which: (watcher: { path: string }) => boolean, how: 'end' | 'destroy' = 'end') => {
    for (const watcher of [...watchers].filter(which)) {
      watchers.delete(watcher);
      watcher.response[how]();
    }
  };

  const watch = (path: string, { query, of }: Pick<Call, 'query' | 'of'>, response: ServerResponse) => {
    const from = Number(query.get('resourceVersion'));
    if (from < state.forgotten && state.goneAs === 'status') return status(response, 410);
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (from < state.forgotten) {
      send(response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', metadata: {} });
      return response.end();
    }
    for (const event of history) {
      if (event.collection === path && event.version > from) send(response, event.type, of(event.object));
    }
    const watcher = { path, response, of };
    watchers.add(watcher);
    response.on('close', () => watchers.delete(watcher));
    return response;
  };

  const list = (path: string, { query, of }: Pick<Call, 'query' | 'of'>, response: ServerResponse) => {
    const [at, start] = (query.get('continue') ?? `${state.version}:0`).split(':').map(Number) as [number, number];
    if (at < state.forgotten) return status(response, 410);
    const all = [...(objects.get(path)?.values() ?? [])];
    const next = start + PAGE < all.length ? { continue: `${at}:${start + PAGE}` } : {};
    const metadata = { resourceVersion: String(at), ...next };
    return json(response, 200, {
      kind: 'List',
      apiVersion: 'v1',
      items: all.slice(start, start + PAGE).map(of),
      metadata,
    });
  };

  const create = async (path: string, request: IncomingMessage, response: ServerResponse) => {
    const object: Stored = JSON.parse((await request.toArray()).join(''));
    const collection = objects.get(path);
    if (collection?.has(keyOf(object))) return status(response, 409);
    collection?.set(keyOf(object), object);
    return json(response, 201, object);
  };

  const serve = (call: Call, request: IncomingMessage, response: ServerResponse) => {
    const { kind } = call;
    const { path, key } = placeOf(call.path);
    const collection = objects.get(path);
    if (!collection) return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    if (kind === 'create') return create(path, request, response);
    if (kind === 'watch') return watch(path, call, response);
    if (kind === 'list') return list(path, call, response);
    const object = collection.get(key ?? '');
    return object ? json(response, 200, object) : status(response, 404);
  };

  /** The versions of a group's path in which a resource is installed. */
  const versionsOf = (path: string) =>
    [...objects.keys()]
      .filter((collection) => collection.startsWith(`${path}/`) && path.startsWith('/apis/'))
      .map((collection) => ({ version: collection.split('/')[3] }));

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://x');
    const kind = kindOf(request.method, url);
    const of = partFor(request.headers.accept ?? '', kind);
    const call: Call = { kind, path: url.pathname, query: url.searchParams, of };
    calls.push(call);
    const fault = state.fault?.(call);
    if (fault === 'hang') {
      hanging.add(response);
      return response.on('close', () => hanging.delete(response));
    }
    if (fault) return status(response, fault);
    const versions = versionsOf(url.pathname);
    if (versions.length > 0) return json(response, 200, { kind: 'APIGroup', versions });
    if (url.pathname === '/version') return json(response, 200, state.serverVersion);
    return serve(call, request, response);
  };

  const server = createServer((request, response) => void handle(request, response));
  let connections = 0;
  server.on('connection', () => void connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = new AbortController();
  t.teardown(() => {
    stop.abort();
    server.closeAllConnections();
    server.close();
  });

  return {
    state,
    calls,
    kubeConfig: kubeConfigFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    signal: stop.signal,
    count: (kind: Call['kind'], path: string) =>
      calls.filter((call) => call.kind === kind && call.path === path).length,
    /** How many connections there have been. */
    connections: () => connections,
    /** Closes the connections on which no request is under way, as an API server does that restarts. */
    closeIdleConnections: () => server.closeIdleConnections(),
    /** How many clients still wait for an answer that does not come. */
    hanging: () => hanging.size,
    watching: (path: string) => [...watchers].some((watcher) => watcher.path === path),
    put(path: string, object: Stored) {
      const known = objects.get(path)?.has(keyOf(object));
      objects.get(path)?.set(keyOf(object), object);
      change(path, known ? 'MODIFIED' : 'ADDED', object);
    },
    remove(path: string, object: Stored) {
      objects.get(path)?.delete(keyOf(object));
      change(path, 'DELETED', object);
    },
    /** Changes an object while no watch hears of it, and forgets that it did. */
    slip(path: string, object: Stored) {
      objects.get(path)?.set(keyOf(object), object);
      state.version += 1;
    },
    stored: (path: string) => [...(objects.get(path)?.values() ?? [])],
    bookmark(path: string) {
      const object = { metadata: { resourceVersion: String(state.version) } };
      for (const watcher of watchers) if (watcher.path === path) send(watcher.response, 'BOOKMARK', object);
    },
    /** No watch can go on from before now. */
    forget() {
      state.forgotten = state.version;
    },
    install: (path: string) => void objects.set(path, new Map()),
    /** As when a CustomResourceDefinition is deleted: its objects first, then the resource and its watches. */
    uninstall(path: string) {
      for (const object of objects.get(path)?.values() ?? []) change(path, 'DELETED', object);
      objects.delete(path);
      end((watcher) => watcher.path === path);
    },
    endWatches(how: 'end' | 'destroy' = 'end') {
      end(() => true, how);
    },
  };
}

export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await sleep(5);
}

/** Lines that were logged, as `level message`. */
export function recordingLog() {
  const lines: string[] = [];
  const at = (level: string) => (_object: object, message: string) => void lines.push(`${level} ${message}`);
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}

function placeOf(pathname: string): { path: string; key?: string } {
  const [, group, namespace, plural, name] = NAMED.exec(pathname) ?? [];
  if (!group) return { path: pathname };
  return { path: `${group}/${plural}`, ...(name && { key: `${namespace}/${name}` }) };
}

function kindOf(method: string | undefined, url: URL): Call['kind'] {
  if (method === 'POST') return 'create';
  if (placeOf(url.pathname).key || GROUP.test(url.pathname)) return 'get';
  return url.searchParams.has('watch') ? 'watch' : 'list';
}

/** All of an object, or its metadata only; a watch and a list have different names for that. */
function partFor(accept: string, kind: Call['kind']): Part {
  const as = kind === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  if (!accept.includes(`as=${as};g=meta.k8s.io;v=v1`)) return (object) => object;
  return (object) => ({ kind: 'PartialObjectMetadata', metadata: (object as Stored).metadata });
}

function keyOf({ metadata }: Stored): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function kubeConfigFor(server: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: 'memory', server, skipTLSVerify: true }, { name: 'test' });
  return kubeConfig;
}

function send(response: ServerResponse, type: string, object: object): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function status(response: ServerResponse, code: number): ServerResponse {
  return json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code });
}

function json(response: ServerResponse, code: number, body: object): ServerResponse {
  return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
