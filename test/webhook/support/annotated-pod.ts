import type { Json } from './admission.ts';

/** The annotation of a pod that gets one file. */
export const FILES = { 'aws-secrets-injector.dev/files': 'password: app/db#password' };

/** Returns a pod of the ServiceAccount `app` with these annotations, whose spec has these fields too. */
export function pod(annotations: Record<string, string> = FILES, spec: Json = {}): Json {
  return { metadata: { annotations }, spec: { serviceAccountName: 'app', containers: [{ name: 'app' }], ...spec } };
}
