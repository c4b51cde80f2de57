/** Reads what a request asks the in-memory API server for, and checks it as the API server does. */
import type { IncomingMessage } from 'node:http';
import type { Selection, Stored } from './objects.ts';

export type Call = {
  readonly kind: 'get' | 'list' | 'watch' | 'create' | 'replace' | 'patch';
  readonly path: string;
  readonly query: URLSearchParams;
  /** Returns the part of an object that the client asked for. */
  readonly of: (object: object) => object;
};

export type Answer = { readonly status: number; readonly body: object };

const GROUP = /^\/apis\/[^/]+$/;
const RESOURCE = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/;
const WRITES = { POST: 'create', PUT: 'replace', PATCH: 'patch' } as const;

export function status(code: number, message = ''): Answer {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message } };
}

export function callOf({ method = 'GET', url: target = '', headers }: IncomingMessage): Call {
  const url = new URL(target, 'http://x');
  const reads = () => {
    if (RESOURCE.exec(url.pathname)?.[4] || GROUP.test(url.pathname)) return 'get';
    return url.searchParams.has('watch') ? 'watch' : 'list';
  };
  const kind = WRITES[method as keyof typeof WRITES] ?? reads();
  return { kind, path: url.pathname, query: url.searchParams, of: partFor(headers.accept ?? '', kind) };
}

export function selectionOf(path: string, query: URLSearchParams): Selection | undefined {
  const [, group, namespace, plural, named] = RESOURCE.exec(path) ?? [];
  if (!group) return undefined;
  const fields = query.get('fieldSelector') ?? '';
  const name = named ?? /^metadata\.name=(.+)$/.exec(fields)?.[1];
  const about = /\binvolvedObject\.uid=([^,]+)/.exec(fields)?.[1];
  const reason = /^reason=(.+)$/.exec(fields)?.[1];
  const chosen = {
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(about && { about }),
    ...(reason && { reason }),
  };
  return { collection: `${group}/${plural}`, ...chosen };
}

/** A watch and a list have different names for "only the metadata". */
function partFor(accept: string, kind: Call['kind']): Call['of'] {
  const as = kind === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  if (!accept.includes(`as=${as};g=meta.k8s.io;v=v1`)) return (object) => object;
  return (object) => ({ kind: 'PartialObjectMetadata', metadata: (object as Stored).metadata });
}

export function secretProblem(object: Stored, before: Stored | undefined): Answer | undefined {
  if (before && object.type !== before.type) return status(422, 'type: field is immutable');
  const data = object.data ?? {};
  const missing = ['tls.crt', 'tls.key'].filter((key) => !(key in data));
  if (object.type === 'kubernetes.io/tls' && missing.length > 0)
    return status(422, `data[${missing[0]}]: Required value`);
  const isBase64 = (value: string) => Buffer.from(value, 'base64').toString('base64') === value;
  return Object.values(data).every(isBase64) ? undefined : status(400, 'illegal base64 data');
}
