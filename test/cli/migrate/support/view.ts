/** Looks at a pod as its containers do: at the variables and the files that come from Secrets or from the injector. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT_DIRECTORY, SHELL_FOLDER } from '../../../../injector/contract/names.ts';
import { readVariable } from '../../../injector/support/kubelet.ts';
import type { Secrets } from './operator.ts';

type Key = { readonly name: string; readonly key: string; readonly optional?: boolean };
type Variable = {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: Key;
    readonly fileKeyRef?: { readonly volumeName: string; readonly path: string; readonly key: string };
  };
};
type Mount = { readonly name: string; readonly mountPath: string; readonly subPath?: string };
type Container = {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly { readonly prefix?: string; readonly secretRef?: { readonly name: string } }[];
  readonly volumeMounts?: readonly Mount[];
};
type Items = readonly { readonly key: string; readonly path: string; readonly mode?: number }[];
type Volume = {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly defaultMode?: number; readonly items?: Items };
  readonly projected?: {
    readonly defaultMode?: number;
    readonly sources: readonly { readonly secret?: { readonly name: string; readonly items?: Items } }[];
  };
};
export type Pod = {
  readonly spec: {
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
};

export type View = Record<string, { variables: Record<string, string>; files: Record<string, string> }>;

export type Node = {
  readonly secrets: Secrets;
  /** The real folder of each volume that the injector fills. */
  readonly folders: ReadonlyMap<string, string>;
  /** The root of the injector's paths. */
  readonly root: string;
};

/** The injected containers are not looked at. */
const OURS = /^aws-secrets-injector/;

/** Returns what each container of the pod sees on the node. A file is shown with its mode. */
export function viewOf({ spec }: Pod, node: Node): View {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, filesOf(volume, node)]));
  const containers = [...(spec.initContainers ?? []), ...spec.containers].filter(({ name }) => !OURS.test(name));
  return Object.fromEntries(
    containers.map((container) => [
      container.name,
      { variables: variablesOf(container, node), files: mountedIn(container, volumes) },
    ]),
  );
}

function filesOf({ name, secret, projected }: Volume, { secrets, folders }: Node): Map<string, string> {
  const files = new Map<string, string>();
  const add = (secretName: string, mode: number, items?: Items) => {
    const content = secrets.get(secretName) ?? new Map<string, string>();
    const all = items ?? [...content.keys()].map((key) => ({ key, path: key }));
    for (const { key, path, mode: own } of all as Items) files.set(path, shown(own ?? mode, content.get(key) ?? ''));
  };
  if (secret) add(secret.secretName, secret.defaultMode ?? 0o644, secret.items);
  for (const { secret: source } of projected?.sources ?? []) {
    if (source) add(source.name, projected?.defaultMode ?? 0o644, source.items);
  }
  const folder = folders.get(name);
  if (folder === undefined) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), shown(statSync(path).mode & 0o777, readFileSync(path, 'utf8')));
  }
  return files;
}

function shown(mode: number, content: string): string {
  return `${mode.toString(8).padStart(4, '0')} ${content}`;
}

function mountedIn({ volumeMounts = [] }: Container, volumes: ReadonlyMap<string, ReadonlyMap<string, string>>) {
  const files: Record<string, string> = {};
  for (const { name, mountPath, subPath } of volumeMounts) {
    if (mountPath === ENVIRONMENT_DIRECTORY) continue;
    const folder = mountPath.replace(/\/$/, '');
    for (const [path, content] of volumes.get(name) ?? []) {
      if (subPath === undefined) files[`${folder}/${path}`] = content;
      else if (path === subPath) files[folder] = content;
    }
  }
  return files;
}

function variablesOf(container: Container, node: Node): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { prefix = '', secretRef } of container.envFrom ?? []) {
    for (const [key, value] of node.secrets.get(secretRef?.name ?? '') ?? []) variables[prefix + key] = value;
  }
  for (const variable of container.env ?? []) {
    const text = variable.value === undefined ? referenced(variable, node) : expand(variable.value, variables);
    if (text !== undefined) variables[variable.name] = text;
  }
  return container.command?.[0] === '/bin/sh' ? ofShell(container.command, variables, node.root) : variables;
}

function referenced({ valueFrom = {} }: Variable, { secrets, folders }: Node): string | undefined {
  const { secretKeyRef, fileKeyRef } = valueFrom;
  if (secretKeyRef) return secrets.get(secretKeyRef.name)?.get(secretKeyRef.key);
  if (!fileKeyRef) return undefined;
  const { volumeName, path, key } = fileKeyRef;
  return readVariable(readFileSync(join(folders.get(volumeName) ?? '', path)), key)?.toString();
}

/** https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables */
function expand(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$(\$|\((\w+)\))/g, (whole, dollar, name) =>
    dollar === '$' ? '$' : (variables[name] ?? whole),
  );
}

/** Matches the variables of the shell itself, and those of the test runner. */
const NOISE = /^(PWD|SHLVL|_|OLDPWD|NODE_OPTIONS|_TAPJS_\w+)=/;

/** Runs the command of a container that starts through the shell, with `env` in place of the program. */
function ofShell(command: readonly string[], variables: Record<string, string>, root: string): Record<string, string> {
  const script =
    command[2]?.replaceAll(ENVIRONMENT_DIRECTORY, () => `${root}${ENVIRONMENT_DIRECTORY}/${SHELL_FOLDER}`) ?? '';
  const output = execFileSync('/bin/sh', ['-c', script, 'sh', '/usr/bin/env', '-0'], {
    env: variables,
    encoding: 'utf8',
  });
  const entries = output.split('\0').filter((line) => line !== '' && !NOISE.test(line));
  return Object.fromEntries(
    entries.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
