/**
 * Serves Secrets over TLS as an API server does: with RBAC by verb and name, server-side apply with its field managers, and
 * conflicts. What it does was compared with a kube-apiserver 1.37: an apply of a version that no object has makes an absent Secret
 * and conflicts with a present one; `create` is checked with the name; an apply that changes nothing is no write.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';
import { createIdentity } from '../aws/network/certificate.ts';
import { createObjects, type Stored } from './objects.ts';
import { type Answer, selectionOf, status } from './requests.ts';

const SECRETS = '/api/v1/secrets';

type Applied = Stored & {
  metadata: Stored['metadata'] & { managedFields?: Managed[]; labels?: object; annotations?: object };
};
type Managed = { manager: string; operation: string; fieldsV1: Record<string, Record<string, object>> };

/** Starts the server with no Secrets. The only token that it takes is of the ServiceAccount shop:app1. It ends with the test. */
export async function startSecretsServer(t: Test) {
  const { key, cert, ca } = await createIdentity([]);
  const objects = createObjects([SECRETS]);
  const state = {
    token: 'token-of-app1',
    /** The verbs that the ServiceAccount has, by the names of Secrets; `*` stands for all names. */
    rights: { '*': ['get', 'create', 'patch'] } as Record<string, readonly string[]>,
    /** Returns an answer in the place of the API server's own. */
    fault: undefined as ((method: string, name: string, dryRun: boolean) => Answer | undefined) | undefined,
  };
  const requests: {
    readonly method: string;
    readonly name: string;
    readonly dryRun: boolean;
    readonly status: number;
  }[] = [];
  let writes = 0;
  objects.onEvent(() => {
    writes += 1;
  });

  const may = (verb: string, name: string) => (state.rights[name] ?? state.rights['*'] ?? []).includes(verb);
  const forbidden = (verb: string, name: string) =>
    status(
      403,
      `secrets "${name}" is forbidden: User "system:serviceaccount:shop:app1" cannot ${verb} resource "secrets" in API group "" in the namespace "shop"`,
    );

  const apply = (name: string, sent: Applied, dryRun: boolean, manager: string): Answer => {
    const [old] = objects.find({ collection: SECRETS, name }) as Applied[];
    if (!may('patch', name)) return forbidden('patch', name);
    if (!old && !may('create', name)) return forbidden('create', name);
    const refused = refusalOf(sent, old);
    if (refused) return refused;
    const next = merge(sent, old, manager);
    const isWrite = !dryRun && !isDeepStrictEqual(old, next);
    return { status: old ? 200 : 201, body: isWrite ? objects.put(SECRETS, next) : next };
  };

  const answerTo = (
    method: string,
    name: string,
    query: URLSearchParams,
    body: string,
    headers: IncomingMessage['headers'],
  ) => {
    if (headers.authorization !== `Bearer ${state.token}`) return status(401, 'Unauthorized');
    const fault = state.fault?.(method, name, query.has('dryRun'));
    if (fault) return fault;
    if (method === 'GET') {
      if (!may('get', name)) return forbidden('get', name);
      const [found] = objects.find({ collection: SECRETS, name });
      return found ? { status: 200, body: found } : status(404, `secrets "${name}" not found`);
    }
    if (headers['content-type'] !== 'application/apply-patch+yaml') return status(415);
    return apply(name, JSON.parse(body), query.has('dryRun'), query.get('fieldManager') ?? '');
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams } = new URL(url, 'https://x');
    const { name = '' } = selectionOf(pathname, searchParams) ?? {};
    const body = (await request.toArray()).join('');
    // Requests of several clients interleave, as they do over a network.
    await sleep(Math.random() * 3);
    const answer = answerTo(method, name, searchParams, body, headers);
    requests.push({ method, name, dryRun: searchParams.has('dryRun'), status: answer.status });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  };

  const server = createServer({ key, cert }, (request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    state,
    ca,
    requests,
    apiServer: { host: '127.0.0.1', port: String((server.address() as AddressInfo).port) },
    /** Returns how often a Secret was written or removed. */
    writes: () => writes,
    get: (name: string) => objects.find({ collection: SECRETS, name })[0] as Applied | undefined,
    stored: () => objects.find({ collection: SECRETS }),
    /** Writes as somebody else would. */
    put: (object: Stored) => void objects.put(SECRETS, { ...object, kind: 'Secret' }),
    remove: (name: string) => objects.remove(SECRETS, { metadata: { name, namespace: 'shop' } }),
    /** Returns the text in a key of a Secret. */
    text: (name: string, key: string) =>
      Buffer.from(objects.find({ collection: SECRETS, name })[0]?.data?.[key] ?? '', 'base64').toString(),
  };
}

/** Returns the answer to an apply on a Secret that has another version or type than the apply names. */
function refusalOf({ type, metadata }: Applied, old: Applied | undefined): Answer | undefined {
  const { name, resourceVersion } = metadata;
  if (!old) return undefined;
  if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
    return status(409, `Operation cannot be fulfilled on secrets "${name}": the object has been modified`);
  }
  return old.type === type ? undefined : status(422, `Secret "${name}" is invalid: type: field is immutable`);
}

/** Returns the Secret after an apply: what the manager applied before and does not apply now is gone. */
function merge(sent: Applied, old: Applied | undefined, manager: string): Applied {
  const { resourceVersion: _, ...metadata } = sent.metadata;
  const managers = old?.metadata.managedFields ?? [];
  const earlier = managers.find((one) => one.manager === manager && one.operation === 'Apply');
  const before = earlier?.fieldsV1 ?? {};
  const own = {
    manager,
    operation: 'Apply',
    fieldsV1: {
      'f:data': fieldsOf(sent.data),
      'f:metadata': { 'f:labels': fieldsOf(metadata.labels), 'f:annotations': fieldsOf(metadata.annotations) },
    },
  };
  return {
    ...sent,
    ...(old?.['immutable'] === true && { immutable: true }),
    data: { ...without(old?.data, before['f:data']), ...sent.data },
    metadata: {
      ...old?.metadata,
      ...metadata,
      namespace: 'shop',
      labels: { ...without(old?.metadata.labels, before['f:metadata']?.['f:labels']), ...metadata.labels },
      annotations: {
        ...without(old?.metadata.annotations, before['f:metadata']?.['f:annotations']),
        ...metadata.annotations,
      },
      managedFields: [...managers.filter((one) => one !== earlier), own],
    },
  };
}

function fieldsOf(values: object = {}): Record<string, object> {
  return Object.fromEntries(Object.keys(values).map((key) => [`f:${key}`, {}]));
}

/** Returns the values without those of the fields. */
function without(values: object = {}, fields: object = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !(`f:${key}` in fields)));
}
