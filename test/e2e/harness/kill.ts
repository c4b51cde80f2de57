/** The end that no process hears coming. */
import type { V1Pod } from '@kubernetes/client-node';
import { RELEASE } from './install.ts';
import { ready, runs } from './pods.ts';
import type { World } from './world.ts';

/** A pod that sees all processes of the node: from inside a container its first process can't be killed. */
export async function startKiller(world: World, namespace: string, name = 'killer'): Promise<void> {
  await world.kubectl.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: {
      hostPID: true,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [runs(world, 'killer', 'sleep 3600')],
    },
  });
  await ready(world, namespace, name);
}

/** Sends SIGKILL to the processes of a webhook's replica, but for the one that holds its network. */
export async function killReplica(world: World, killer: { namespace: string; name?: string }, pod: string) {
  const found = await world.kubectl.find<V1Pod>('pod', RELEASE, pod);
  const uid = found?.metadata?.uid ?? 'none';
  const folder = `pod(${uid}|${uid.replaceAll('-', '_')})`; // by the kubelet's cgroup driver
  const script = `
    killed=
    for process in /proc/[0-9]*; do
      grep -Eqs '${folder}' $process/cgroup || continue
      grep -qs '^pause' $process/comm && continue
      kill -9 \${process#/proc/} && killed="$killed \${process#/proc/}"
    done
    echo $killed`;
  const { namespace, name = 'killer' } = killer;
  const killed = (await world.kubectl.sh(namespace, name, 'killer', script)).trim();
  if (killed === '') throw new Error(`no process of ${pod} was found`);
}
