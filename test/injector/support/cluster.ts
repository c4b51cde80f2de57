/** Gives a pod a cluster whose API server holds Secrets, and the files that the kubelet would project for it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { KUBERNETES_CA_FILE, KUBERNETES_DIRECTORY, KUBERNETES_TOKEN_FILE } from '../../../injector/contract/names.ts';
import type { ConfigSync, MadeSecret } from '../../../injector/contract/sync-schema.ts';
import { startSecretsServer } from '../../kubernetes/secrets-server.ts';
import { createWorld } from './world.ts';

/** The owner of the pods of one Deployment. */
export const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'app1-7d9', uid: 'uid-of-7d9' };

/** Starts an API server for pods whose files are below the root. */
export async function addCluster(t: Test, root: string) {
  const server = await startSecretsServer(t);
  mkdirSync(join(root, KUBERNETES_DIRECTORY), { recursive: true });
  writeFileSync(join(root, KUBERNETES_TOKEN_FILE), server.state.token);
  writeFileSync(join(root, KUBERNETES_CA_FILE), server.ca);
  return { ...server, cluster: { apiServer: server.apiServer, podUid: 'uid-of-pod' } };
}

/** The value of the AWS secret of {@link createSyncedWorld}, which no log may have. */
export const VALUE = 'canary-7f3a9c';

/** Returns a world with the AWS secret `db`, and an API server for the Kubernetes Secrets of its pods. */
export async function createSyncedWorld(t: Test) {
  const world = await createWorld(t);
  world.aws.setSecret({ name: 'db', value: VALUE });
  return { world, server: await addCluster(t, world.root) };
}

/** Returns a Kubernetes Secret with these labels that was there before, with another value. */
export function foreignSecret(labels: Record<string, string>, type = 'Opaque') {
  return { metadata: { name: 'shop-db', namespace: 'shop', labels }, type, data: { password: 'dGhlaXJz' } };
}

/** Returns the part of a configuration about one Secret, by the indices of the objects that its keys have. */
export function syncOf(data: Readonly<Record<string, number>>, more: Partial<MadeSecret> = {}): ConfigSync {
  const keys = Object.entries(data).map(([key, object]) => ({ key, object }));
  return {
    serviceAccount: 'app1',
    owners: [OWNER],
    secrets: [{ name: 'shop-db', type: 'Opaque', data: keys, ...more }],
  };
}
