/** The pods that are compared: one app, and what may stand before it. */
import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { IMAGES } from '../../e2e/harness/images.ts';
import { pod, podSpec, runs } from '../../e2e/harness/pods.ts';
import type { World } from '../../e2e/harness/world.ts';

export type Row = { readonly name: string; readonly make: (name: string) => V1Pod };

/** Every other row is compared with this one. */
export const TRIVIAL = 'init container: echo';

/** Needs the secrets `bench/N`. */
export function rowsOf(world: World, namespace: string): Row[] {
  const row = (name: string, annotations: Record<string, string>, more: Partial<V1PodSpec> = {}): Row => ({
    name,
    make: (each) => pod(namespace, each, annotations, { ...app(world), ...more }),
  });
  return [
    row('plain pod', {}),
    row(TRIVIAL, {}, { initContainers: [runs(world, 'init', 'echo done')] }),
    row("init container: the injector's --version", {}, { initContainers: [version()] }),
    row('sidecar: a hook that does nothing', {}, { initContainers: [sidecar(world)] }),
    row('injected, 1 file', { files: files(1) }),
    row('injected, 1 file, rotation', { files: files(1), rotation: '1h' }),
    row('injected, 5 files', { files: files(5) }),
    row('injected, 1 variable', { env: 'VALUE: bench/0' }),
    row('injected, 1 file; limits.cpu: 100m', { files: files(1) }, limited(world)),
  ];
}

function app(world: World, more: Partial<V1Container> = {}): V1PodSpec {
  return podSpec(world, { containers: [runs(world, 'app', 'echo started', more)], restartPolicy: 'Never' });
}

/** The init container has the limit of its app. */
function limited(world: World): V1PodSpec {
  return app(world, { resources: { limits: { cpu: '100m' } } });
}

function files(count: number): string {
  return Array.from({ length: count }, (_, index) => `file-${index}: bench/${index}\n`).join('');
}

/** Returns a sidecar that costs what every one costs: a second container, and a command in it before the app starts. */
function sidecar(world: World): V1Container {
  const script = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
  const lifecycle = { postStart: { exec: { command: ['true'] } } };
  return runs(world, 'sidecar', script, { restartPolicy: 'Always', lifecycle });
}

/** Returns a container with the same image and runtime that does nothing. */
function version(): V1Container {
  const { name, tag } = IMAGES[1];
  return { name: 'init', image: `${name}:${tag}`, imagePullPolicy: 'IfNotPresent', args: ['--version'] };
}
