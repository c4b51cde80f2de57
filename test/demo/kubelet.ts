/** Does without a cluster what a kubelet does with the injected init container. Volumes become folders below `root`. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readVariable } from '../injector/support/kubelet.ts';

type FileKey = { volumeName: string; path: string; key: string };
type EnvVar = {
  name: string;
  value?: string;
  valueFrom?: { fieldRef?: { fieldPath: string }; fileKeyRef?: FileKey };
};
type Mount = { name: string; mountPath: string };
type Container = { name: string; env?: EnvVar[]; volumeMounts?: Mount[] };
export type Pod = {
  metadata: { name?: string; annotations?: Record<string, string> };
  spec: { initContainers?: Container[]; containers: Container[]; [field: string]: unknown };
};

export type Run = {
  exitCode: number;
  log: string;
  terminationMessage: string;
  /** The folders that the app's first container mounts, with their paths in the container and here. */
  folders: { mountPath: string; directory: string }[];
  /** The variables that the kubelet would set in that container from the files. */
  variables: Map<string, string>;
};

const TERMINATION_LOG = '/dev/termination-log';
const TOKEN_VOLUME = 'aws-secrets-token';

/**
 * Runs the init container's program with exactly the environment that the webhook gave it. `token` stands in for the
 * projected ServiceAccount token. Resolves whatever the exit code.
 */
export function runInitContainer(pod: Pod, options: { binary: string; root: string; token: string }): Promise<Run> {
  const container = pod.spec.initContainers?.find(({ name }) => name === 'aws-secrets-injector');
  if (!container) throw new Error('the pod has no init container aws-secrets-injector');
  const folders = new Map(
    (container.volumeMounts ?? []).map(({ name, mountPath }) => [name, join(options.root, mountPath)]),
  );
  const terminationLog = join(options.root, TERMINATION_LOG);
  for (const path of [...folders.values(), dirname(terminationLog)]) mkdirSync(path, { recursive: true });
  writeFileSync(join(folders.get(TOKEN_VOLUME) ?? options.root, 'token'), options.token);
  writeFileSync(terminationLog, '');
  const env = Object.fromEntries((container.env ?? []).map((variable) => [variable.name, literal(variable, pod)]));
  return new Promise((resolve) => {
    const child = execFile(options.binary, ['--root', options.root], { env }, (_error, stdout, stderr) => {
      resolve({
        exitCode: child.exitCode ?? 1,
        log: stdout + stderr,
        terminationMessage: readFileSync(terminationLog, 'utf8'),
        ...appView(pod, folders, child.exitCode === 0),
      });
    });
  });
}

/** Returns the value that the kubelet gives a variable: a literal, or a field of the pod. */
function literal(variable: EnvVar, pod: Pod): string {
  if (variable.valueFrom?.fieldRef?.fieldPath === 'metadata.name') return pod.metadata.name ?? '';
  return variable.value ?? '';
}

function appView(pod: Pod, folders: Map<string, string>, done: boolean): Pick<Run, 'folders' | 'variables'> {
  const [app] = pod.spec.containers;
  const mounts = (app?.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const directory = folders.get(name);
    return directory === undefined ? [] : [{ mountPath, directory }];
  });
  const variables = new Map<string, string>();
  for (const { name, valueFrom } of done ? (app?.env ?? []) : []) {
    if (valueFrom?.fileKeyRef) variables.set(name, fromFile(valueFrom.fileKeyRef, folders));
  }
  return { folders: mounts, variables };
}

function fromFile({ volumeName, path, key }: FileKey, folders: Map<string, string>): string {
  const value = readVariable(readFileSync(join(folders.get(volumeName) ?? '', path)), key);
  if (value === undefined) throw new Error(`${path} has no variable ${key}`);
  return value.toString();
}
