import type { KubernetesObject } from '@kubernetes/client-node';
import { must, type Outcome, run } from './run.ts';

export type Kubectl = ReturnType<typeof createKubectl>;

/** A thin wrapper of the kubectl program at this path (or of this name in PATH). Namespaces are always explicit. */
export function createKubectl(program: string) {
  const kubectl = (args: readonly string[], input?: string) => must(program, ['--request-timeout=60s', ...args], input);
  return {
    program,
    run: kubectl,
    /** Creates or changes objects; throws the API server's own words where it refuses. */
    apply: (...objects: object[]) => kubectl(['apply', '-f', '-'], list(objects)),
    /** Tries to create objects; a refusal is an outcome here. `--dry-run=server` and the like go into `flags`. */
    create: (object: object, ...flags: string[]): Promise<Outcome> =>
      run(program, ['--request-timeout=60s', 'create', '-o', 'json', ...flags, '-f', '-'], JSON.stringify(object)),
    /** Sends an object to any path of the API; a refusal is an outcome here, too. */
    post: (path: string, body: object): Promise<Outcome> =>
      run(program, ['--request-timeout=60s', 'create', '--raw', path, '-f', '-'], JSON.stringify(body)),
    /** Reads an object; undefined where there is none. */
    async find<T extends KubernetesObject>(kind: string, namespace: string, name: string): Promise<T | undefined> {
      const text = await kubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
      return text.trim() === '' ? undefined : (JSON.parse(text) as T);
    },
    async list<T extends KubernetesObject>(kind: string, namespace: string, ...flags: string[]): Promise<T[]> {
      const text = await kubectl(['get', kind, '-n', namespace, '-o', 'json', ...flags]);
      return (JSON.parse(text) as { items: T[] }).items;
    },
    describe: (kind: string, namespace: string, ...names: string[]) =>
      kubectl(['describe', kind, ...names, '-n', namespace]),
    /** Logs of one container, or an empty text where it has none yet. */
    async logs(namespace: string, pod: string, container: string, ...flags: string[]): Promise<string> {
      const outcome = await run(program, ['logs', pod, '-n', namespace, '-c', container, ...flags]);
      return outcome.code === 0 ? outcome.stdout : '';
    },
    /** Runs a shell script in a container; returns what it printed. */
    sh: (namespace: string, pod: string, container: string, script: string) =>
      kubectl(['exec', pod, '-n', namespace, '-c', container, '--', 'sh', '-c', script]),
  };
}

function list(items: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
