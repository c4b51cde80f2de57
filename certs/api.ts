/** How the certificates are written to the API server. */

import type { KubeConfig } from '@kubernetes/client-node';
import { type Api, apiOf } from './kubernetes/api.ts';
import { isAnswer } from './kubernetes/errors.ts';

/** `conflict`: someone else was first; read again. */
export type Written = 'done' | 'conflict';

/** In the metadata of what is written. */
export const AS_US = { fieldManager: 'aws-secrets-injector' } as const;

const REQUEST_TIMEOUT = 10_000;

/** The API server, with the time that a request for certificates may take. */
export function certificatesApi(kubeConfig: KubeConfig): Api {
  return apiOf(kubeConfig, REQUEST_TIMEOUT);
}

/** What became of a write; throws what is refused for other reasons than these. */
export async function written(answer: Promise<void>, conflicts: readonly number[]): Promise<Written> {
  try {
    await answer;
    return 'done';
  } catch (error) {
    if (isAnswer(error, ...conflicts)) return 'conflict';
    throw error;
  }
}
