/** Talking to the API server: a client with a time limit, and what its answers mean. */
import {
  ApiException,
  type Configuration,
  createConfiguration,
  type KubeConfig,
  ServerConfiguration,
} from '@kubernetes/client-node';

/** `conflict`: someone else was first; read again. */
export type Written = 'done' | 'conflict';

/** In the metadata of what is written. */
export const FIELD_MANAGER = 'aws-secrets-injector';

const REQUEST_TIMEOUT = 10_000;

/** What the clients of client-node are made of, with a limit on the time of each request. */
export function clientConfiguration(kubeConfig: KubeConfig): Configuration {
  const server = kubeConfig.getCurrentCluster()?.server;
  if (!server) throw new Error('the Kubernetes configuration names no current cluster');
  return createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [
      {
        pre: async (request) => {
          request.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT));
          return request;
        },
        post: async (response) => response,
      },
    ],
  });
}

/** What was asked for, or undefined where there is no such thing. */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
  }
}

/** What became of a write; throws what is refused for other reasons than these. */
export async function written(answer: Promise<unknown>, conflicts: readonly number[]): Promise<Written> {
  try {
    await answer;
    return 'done';
  } catch (error) {
    if (error instanceof ApiException && conflicts.includes(error.code)) return 'conflict';
    throw error;
  }
}

/** An API error in one line, without the headers and the body that its own message repeats. */
export function describeError(error: unknown): string {
  if (!(error instanceof ApiException)) {
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  }
  const status = typeof error.body === 'string' ? parseStatus(error.body) : error.body;
  return `the API server answered ${error.code}${status?.message ? `: ${status.message}` : ''}`;
}

function parseStatus(body: string): { message?: string } | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
