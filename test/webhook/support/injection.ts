/** Injects into a pod as admission does, without a review. */
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import type { Declaration } from '../../../webhook/declare/declaration.ts';
import { makeConfig } from '../../../webhook/mutate/container/config.ts';
import { mutate } from '../../../webhook/mutate/mutate.ts';
import type { Pod } from '../../../webhook/pod/pod.ts';
import { keepConfig } from '../../../webhook/reinvocation/keep-previous.ts';
import { readPrevious } from '../../../webhook/reinvocation/previous.ts';
import { ROLE, settings } from './admission.ts';

/** The names of the containers that an injection may add. */
export const OURS = ['aws-secrets-injector', 'aws-secrets-injector-sentinel'];

/** The declaration of a pod that gets one file. */
export const declaration: Declaration = {
  objects: [{ service: 'secretsmanager', name: 'app/db', files: [{ path: 'db', mode: '0644' }] }],
  searches: [],
  templates: [],
  templateVariables: [],
  identity: { kind: 'web-identity' },
  variables: [],
  synced: [],
  volumes: [],
  region: 'eu-west-1',
  mountPath: '/mnt/secrets-store',
  position: { kind: 'first' },
};

const envFiles = { serverVersion: '1.35', server: true, everyNode: false };

/** Returns the injected pod. Throws if the injection is refused. */
export function inject(given: Pod, declared = declaration): Pod {
  const previous = readPrevious(given);
  const pod = previous?.pod ?? given;
  const made = makeConfig({
    pod,
    namespace: 'shop',
    role: { roleArn: ROLE },
    declaration: declared,
    ownRegion: undefined,
    settings,
    envFiles,
  });
  const config = keepConfig(made, previous);
  const mutation = mutate(pod, { declaration: declared, config, previous, settings, envFiles, unsynced: [] });
  if (!mutation.ok) throw new Error(mutation.refusals.map(({ message }) => message).join('\n'));
  return mutation.pod;
}

/** Returns the pod after the patch. */
export function apply(pod: Pod, patch: readonly object[]): Pod {
  return jsonPatch.applyPatch(structuredClone(pod), patch as jsonPatch.Operation[], true).newDocument;
}

/** Makes names of containers and volumes. */
export const name = fc.stringMatching(/^[a-z]{1,6}$/);
