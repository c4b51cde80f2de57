/** Serves as much of a Kubernetes API as a webhook needs to become ready. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Pair } from '../../../webhook/server/tls.ts';

export const NAMESPACE = 'shop';
export const ACCOUNT = 'checkout';

const NODE = {
  metadata: { name: 'a', labels: { 'topology.kubernetes.io/region': 'eu-west-1' } },
  status: { nodeInfo: { kubeletVersion: 'v1.35.2', operatingSystem: 'linux' } },
};
const OTHERS = 200;

export type Cluster = { readonly kubeConfig: string; close(): void };

/** Milliseconds until the server says that there is no object of a name that begins with `slow-`. */
const SLOW_MS = 3000;

/** Starts a server that answers lists, with these SecretProviderClasses, and leaves watches open without an event. */
export async function startCluster(pair: Pair, ca: string, classes: readonly object[] = []): Promise<Cluster> {
  const lists: Record<string, readonly object[]> = {
    '/api/v1/serviceaccounts': [account(ACCOUNT), ...Array.from({ length: OTHERS }, (_, each) => account(`a-${each}`))],
    '/api/v1/nodes': [NODE],
    '/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses': classes,
  };
  const server = createServer(pair, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://cluster');
    const items = lists[pathname];
    if (pathname === '/version') return tell(response, { major: '1', minor: '35', gitVersion: 'v1.35.2' });
    if (!items) return setTimeout(() => response.writeHead(404).end(), pathname.includes('/slow-') ? SLOW_MS : 0);
    if (!searchParams.has('watch')) return tell(response, { metadata: { resourceVersion: '1' }, items });
    return response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return {
    kubeConfig: kubeConfigOf(url, ca, {}),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Returns the text of a kubeconfig: `ca` signed the server's certificate, and `user` has the credentials. */
export function kubeConfigOf(server: string, ca: string, user: object): string {
  return JSON.stringify({
    clusters: [
      { name: 'bench', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: 'bench', user }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  });
}

function account(name: string): object {
  const annotations = { 'eks.amazonaws.com/role-arn': `arn:aws:iam::111122223333:role/${name}` };
  return { metadata: { name, namespace: NAMESPACE, annotations } };
}

function tell(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
