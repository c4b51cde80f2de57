/** Clients of the Kubernetes API whose requests end: its own have no timeout, and a connection may die without a word. */
import { ApiException, createConfiguration, type KubeConfig, ServerConfiguration } from '@kubernetes/client-node';

/** For a request that a pod waits for: the API server gives a webhook 10 s in all. */
export const LIVE_TIMEOUT_MS = 4000;

/** For one page of a list, which nobody waits for. */
export const PAGE_TIMEOUT_MS = 60_000;

type ApiType<T> = new (configuration: ReturnType<typeof createConfiguration>) => T;

/** An API client, each of whose requests is ended (and throws) after these milliseconds, its answer's body included. */
export function clientOf<T>(kubeConfig: KubeConfig, Api: ApiType<T>, milliseconds: number): T {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (!server) throw new Error('the Kubernetes configuration names no current cluster');
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [
      {
        pre: async (request) => {
          request.setSignal(AbortSignal.timeout(milliseconds));
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
  return new Api(configuration);
}

/** What the API server says, and undefined where it says 404: of the object, or of its whole kind. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}
