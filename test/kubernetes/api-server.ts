/**
 * Serves a Kubernetes API in memory that behaves as the real one: resource versions and their conflicts, JSON Patch with
 * `test`, the validation of Secrets, pages, watches that go on from a version, history that is forgotten (410), bookmarks,
 * resources that are not installed (404 in plain text), and faults.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { Test } from 'tap';
import { discoveryAt } from './discovery.ts';
import { createObjects, type Event, type Selection, type Stored, selects } from './objects.ts';
import { type Answer, type Call, callOf, secretProblem, selectionOf, status } from './requests.ts';

export type { Stored } from './objects.ts';

export const ACCOUNTS = '/api/v1/serviceaccounts';
export const NODES = '/api/v1/nodes';
export const PODS = '/api/v1/pods';
export const NAMESPACES = '/api/v1/namespaces';
export const EVENTS = '/api/v1/events';
export const SECRETS = '/api/v1/secrets';
export const CLASSES = '/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses';
export const OLD_CLASSES = '/apis/secrets-store.csi.x-k8s.io/v1alpha1/secretproviderclasses';
export const VALIDATING = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
export const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

type Watcher = Selection & { readonly response: ServerResponse; readonly of: Call['of'] };

const PAGE = 2;

export type ApiServer = Awaited<ReturnType<typeof startApiServer>>;

/** Starts a server on a free port of the loopback address. It ends with the test. */
export async function startApiServer(t: Test, collections: readonly string[]) {
  const objects = createObjects(collections);
  const watchers = new Set<Watcher>();
  const hanging = new Set<ServerResponse>();
  const calls: Call[] = [];
  let connections = 0;
  const state = {
    /** Watches from before this version get the answer 410. */
    forgotten: 0,
    goneAs: 'event' as 'event' | 'status',
    serverVersion: { major: '1', minor: '35+', gitVersion: 'v1.35.2-eks-1a2b3c' } as Record<string, string>,
    /** The issuer of ServiceAccount tokens. */
    issuer: 'https://oidc.example/id/1',
    /** Answers a creation in the place of the API server, as admission does; undefined for one that is to be kept. */
    admit: undefined as ((collection: string, body: Stored) => Promise<Answer | undefined>) | undefined,
    /** Returns a status to answer with, or `hang` for no answer at all. */
    fault: undefined as ((call: Call) => number | 'hang' | undefined) | undefined,
  };

  objects.onEvent(({ collection, type, object }: Event) => {
    for (const watcher of watchers) {
      if (selects(watcher)(object, collection)) send(watcher.response, type, watcher.of(object));
    }
  });

  const end = (which: (watcher: Watcher) => boolean, how: 'end' | 'destroy' = 'end') => {
    const ending = [...watchers].filter(which);
    for (const watcher of ending) {
      watchers.delete(watcher);
      watcher.response[how]();
    }
    return ending.length;
  };

  const watch = ({ query, of }: Call, selection: Selection, response: ServerResponse) => {
    const from = Number(query.get('resourceVersion'));
    if (from < state.forgotten && state.goneAs === 'status') return answer(response, status(410));
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (from < state.forgotten) {
      send(response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', metadata: {} });
      return response.end();
    }
    for (const { type, object } of objects.since(from, selection)) send(response, type, of(object));
    const watcher = { ...selection, response, of };
    watchers.add(watcher);
    return response.on('close', () => watchers.delete(watcher));
  };

  const list = ({ query, of }: Call, selection: Selection): Answer => {
    const [at, start] = (query.get('continue') ?? `${objects.version()}:0`).split(':').map(Number) as [number, number];
    if (at < state.forgotten) return status(410);
    const all = objects.find(selection);
    const next = start + PAGE < all.length ? { continue: `${at}:${start + PAGE}` } : {};
    const metadata = { resourceVersion: String(at), ...next };
    const items = all.slice(start, start + PAGE).map(of);
    return { status: 200, body: { kind: 'List', apiVersion: 'v1', items, metadata } };
  };

  const write = (kind: Call['kind'], selection: Selection, body: string): Answer => {
    const sent = JSON.parse(body);
    const name = selection.name ?? sent.metadata.name;
    const [old] = objects.find({ ...selection, name });
    if (kind === 'create') return old ? status(409, 'AlreadyExists') : commit(selection, sent, undefined);
    if (!old) return status(404, `${name} not found`);
    if (kind === 'patch') return patch(selection, sent, old);
    const expected = sent.metadata.resourceVersion;
    if (expected !== undefined && expected !== old.metadata.resourceVersion) return status(409, 'Conflict');
    return commit(selection, sent, old);
  };
  const patch = (selection: Selection, operations: Operation[], old: Stored): Answer => {
    try {
      const { newDocument } = jsonPatch.applyPatch(structuredClone(old), operations, true);
      return commit(selection, newDocument, old);
    } catch {
      return status(422, 'the server rejected our request due to an error in our request');
    }
  };
  const commit = ({ collection }: Selection, object: Stored, old: Stored | undefined): Answer => {
    const problem = object['kind'] === 'Secret' ? secretProblem(object, old) : undefined;
    return problem ?? { status: old ? 200 : 201, body: objects.put(collection, object) };
  };

  /** The answers at paths of no collection. */
  const documents = (): Record<string, object> => ({
    '/version': state.serverVersion,
    '/.well-known/openid-configuration': { issuer: state.issuer },
  });
  const change = async (kind: Call['kind'], selection: Selection, body: string): Promise<Answer> => {
    const admitted = kind === 'create' ? await state.admit?.(selection.collection, JSON.parse(body)) : undefined;
    return admitted ?? write(kind, selection, body);
  };

  const serve = async (call: Call, request: IncomingMessage, response: ServerResponse) => {
    const { kind, path, query } = call;
    const selection = selectionOf(path, query);
    const document = documents()[path] ?? discoveryAt(path, objects.collections());
    if (document) return answer(response, { status: 200, body: document });
    if (!selection || !objects.isInstalled(selection.collection)) {
      return response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    }
    if (kind === 'watch') return watch(call, selection, response);
    if (kind === 'list') return answer(response, list(call, selection));
    if (kind !== 'get') return answer(response, await change(kind, selection, (await request.toArray()).join('')));
    const [object] = objects.find(selection);
    return answer(response, object ? { status: 200, body: object } : status(404, 'not found'));
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const call = callOf(request);
    calls.push(call);
    // Requests of several clients interleave, as they do over a network.
    await sleep(Math.random() * 3);
    const fault = state.fault?.(call);
    if (fault === 'hang') {
      hanging.add(response);
      return response.on('close', () => hanging.delete(response));
    }
    return fault ? answer(response, status(fault, 'as the test wants it')) : serve(call, request, response);
  };

  const server = createServer((request, response) => void handle(request, response));
  server.on('connection', () => void connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = new AbortController();
  const close = () => {
    stop.abort();
    server.closeAllConnections();
    server.close();
  };
  t.teardown(close);

  return {
    state,
    calls,
    kubeConfig: kubeConfigFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    signal: stop.signal,
    close,
    count: (kind: Call['kind'], path: string) =>
      calls.filter((call) => call.kind === kind && call.path === path).length,
    /** Returns how many connections there have been. */
    connections: () => connections,
    /** Closes the connections on which no request is under way, as an API server does that restarts. */
    closeIdleConnections: () => server.closeIdleConnections(),
    /** Returns how many clients wait for an answer that does not come. */
    hanging: () => hanging.size,
    watching: (collection: string) => [...watchers].some((watcher) => watcher.collection === collection),
    get: (collection: string, name: string) => objects.find({ collection, name })[0],
    stored: (collection: string) => objects.find({ collection }),
    /** Writes as somebody else would, whatever the version. */
    put: (collection: string, object: Stored) => void objects.put(collection, object),
    remove: (collection: string, object: Stored) => objects.remove(collection, object),
    /** Changes an object while no watch hears of it, and forgets that it did. */
    slip: (collection: string, object: Stored) => void objects.put(collection, object, { silently: true }),
    /** Moves the version on, as changes of other collections do. */
    skip: (count: number) => objects.skip(count),
    /** Calls the listener after each change, before the answer. */
    onChange: (listener: () => void) => objects.onEvent(listener),
    bookmark(collection: string) {
      const object = { metadata: { resourceVersion: String(objects.version()) } };
      for (const watcher of watchers) if (watcher.collection === collection) send(watcher.response, 'BOOKMARK', object);
    },
    /** No watch can go on from before now. */
    forget() {
      state.forgotten = objects.version();
    },
    install: (collection: string) => objects.install(collection),
    /** Uninstalls a CustomResourceDefinition: its objects go first, then the resource and its watches. */
    uninstall(collection: string) {
      objects.uninstall(collection);
      end((watcher) => watcher.collection === collection);
    },
    /** Ends all watches, and returns how many there were. */
    endWatches: (how: 'end' | 'destroy' = 'end') => end(() => true, how),
  };
}

/** Waits until something is true. The limit of the test runner ends a wait that is in vain. */
export async function until(condition: () => unknown): Promise<void> {
  while (!(await condition())) await sleep(5);
}

/** Returns a log, and the lines that were logged, as `level message`. */
export function recordingLog() {
  const lines: string[] = [];
  const at = (level: string) => (_object: object, message: string) => void lines.push(`${level} ${message}`);
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}

function kubeConfigFor(server: string): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser({ name: 'memory', server, skipTLSVerify: true }, { name: 'test' });
  return kubeConfig;
}

function send(response: ServerResponse, type: string, object: object): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

function answer(response: ServerResponse, { status: code, body }: Answer): ServerResponse {
  return response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
