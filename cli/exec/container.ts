/** Says which files and variables of an injection one container of the pod gets. */
import type { InjectorConfig } from '../../injector/contract/config.ts';
import { textOf } from '../../injector/environment/variable.ts';
import type { OutputFile } from '../../injector/render/output.ts';
import type { Rendered } from '../../injector/render/render.ts';
import { filledVolumes } from '../../webhook/mutate/container/size.ts';
import { isShell, isShellMount } from '../../webhook/mutate/environment/shell.ts';
import { otherContainers } from '../../webhook/mutate/position.ts';
import { VOLUMES } from '../../webhook/pod/names.ts';
import type { Container, Pod, VolumeMount } from '../../webhook/pod/pod.ts';
import { mountedPath } from '../manifests/mounted-path.ts';

export type Received = {
  /** The files, with the root as their directory and their paths in the container below it. */
  readonly files: readonly OutputFile[];
  readonly variables: Readonly<Record<string, string>>;
};

/** Returns the containers of an injected pod that get a file or a variable. */
export function receiversIn(pod: Pod, config: InjectorConfig): Container[] {
  return otherContainers(pod).filter(
    (container) => mountsOf(container, config).length > 0 || isShell(container) || references(container).length > 0,
  );
}

/** Returns what a container gets of what the injector would write for the whole pod. */
export function receivedBy(container: Container, config: InjectorConfig, rendered: Rendered): Received {
  const files = mountsOf(container, config).flatMap(({ mount, directory }) =>
    rendered.files
      .filter((file) => file.directory === directory)
      .flatMap((file) => {
        const path = mountedPath(mount, file.path);
        return path === undefined ? [] : [{ ...file, directory: '/', path: path.slice(1) }];
      }),
  );
  return { files, variables: { ...shellVariables(container, rendered), ...kubeletVariables(container, rendered) } };
}

type Mounted = { readonly mount: VolumeMount; readonly directory: string };

/** Returns the mounts of volumes that the injector writes files into, with the directory that it knows each by. */
function mountsOf({ volumeMounts }: Container, config: InjectorConfig): Mounted[] {
  const directories = new Map(filledVolumes(config).map(({ name, directory }) => [name, directory]));
  return (volumeMounts ?? []).flatMap((mount) => {
    const directory = directories.get(mount.name);
    const isOfFiles = mount.name !== VOLUMES.state && !isShellMount(mount);
    return directory === undefined || !isOfFiles ? [] : [{ mount, directory }];
  });
}

function references({ env }: Container) {
  return (env ?? []).flatMap(({ name, valueFrom }) => {
    const { fileKeyRef } = valueFrom ?? {};
    return fileKeyRef?.volumeName === VOLUMES.environment ? [{ name, path: fileKeyRef.path, key: fileKeyRef.key }] : [];
  });
}

function kubeletVariables(container: Container, { kubelet }: Rendered): Record<string, string> {
  const found = references(container).flatMap(({ name, path, key }) => {
    const entry = kubelet.find((one) => one.path === path && one.key === key);
    const text = entry?.value && textOf(entry.value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(found);
}

/** A container that starts through the shell keeps the variables that it sets itself. */
function shellVariables(container: Container, { environment, containers }: Rendered): Record<string, string> {
  if (!isShell(container)) return {};
  const own = new Set((container.env ?? []).map(({ name }) => name));
  const all = [...environment, ...(containers.get(container.name) ?? [])];
  const found = all.flatMap(({ name, value }) => {
    const text = own.has(name) ? undefined : textOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries(found);
}
