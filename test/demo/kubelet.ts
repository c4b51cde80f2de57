/** What a kubelet does with the injected init container, without a cluster: volumes become folders below `root`. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type EnvVar = { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } };
type Container = { name: string; env?: EnvVar[]; volumeMounts?: { name: string; mountPath: string }[] };
export type Pod = {
  metadata: { name?: string; annotations?: Record<string, string> };
  spec: { initContainers?: Container[]; containers: Container[]; [field: string]: unknown };
};

export type Run = { exitCode: number; log: string; terminationMessage: string; directory: string };

const TERMINATION_LOG = '/dev/termination-log';

/** The kubelet's value of a variable: a literal, or a field of the pod. */
function literal(variable: EnvVar, pod: Pod): string {
  if (variable.valueFrom?.fieldRef?.fieldPath === 'metadata.name') return pod.metadata.name ?? '';
  return variable.value ?? '';
}

/**
 * Runs the init container's program with exactly the environment that the webhook gave it. `token` stands in for the
 * projected ServiceAccount token. Resolves whatever the exit code.
 */
export function runInitContainer(pod: Pod, options: { binary: string; root: string; token: string }): Promise<Run> {
  const container = pod.spec.initContainers?.find(({ name }) => name === 'aws-secrets-injector');
  if (!container) throw new Error('the pod has no init container aws-secrets-injector');
  const folder = (volume: string): string => {
    const mount = container.volumeMounts?.find(({ name }) => name === volume);
    if (!mount) throw new Error(`the init container does not mount ${volume}`);
    return join(options.root, mount.mountPath);
  };
  const directory = folder('aws-secrets');
  const terminationLog = join(options.root, TERMINATION_LOG);
  for (const path of [directory, folder('aws-secrets-token'), dirname(terminationLog)])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(folder('aws-secrets-token'), 'token'), options.token);
  writeFileSync(terminationLog, '');
  const env = Object.fromEntries((container.env ?? []).map((variable) => [variable.name, literal(variable, pod)]));
  return new Promise((resolve) => {
    const child = execFile(options.binary, ['--root', options.root], { env }, (_error, stdout, stderr) => {
      const terminationMessage = readFileSync(terminationLog, 'utf8');
      resolve({ exitCode: child.exitCode ?? 1, log: stdout + stderr, terminationMessage, directory });
    });
  });
}
