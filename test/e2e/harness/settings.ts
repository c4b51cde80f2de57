import { execFileSync } from 'node:child_process';

/** Has what the environment says about the cluster that the tests run on. kubectl and helm read KUBECONFIG themselves. */
export type Settings = {
  /** The address of this machine as pods and the API server see it. */
  readonly hostIp: string;
  /** A command that gets the path of an image archive. */
  readonly loadImage: string;
  /** Archives of both images. Absent: docker builds them; where there is no docker, the cluster must have them. */
  readonly imageArchives: readonly string[] | undefined;
  /** An image with sh, cat, stat, sleep, sha256sum. */
  readonly appImage: string;
  /** A command that ends the kubelet and starts it again. */
  readonly restartKubelet: string;
  /** Names of the only topics to run. Empty: those that ../versions.json lists for the version of the cluster. */
  readonly topics: readonly string[];
  /** The webhook starts so many times from nothing. */
  readonly firstStarts: number;
};

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    hostIp: env['E2E_HOST_IP'] ?? env['HOST_IP'] ?? kindGateway(),
    loadImage: env['E2E_LOAD_IMAGE'] ?? 'kind load image-archive',
    imageArchives: env['E2E_IMAGE_ARCHIVES']?.split(/\s+/).filter((path) => path !== ''),
    appImage: env['E2E_APP_IMAGE'] ?? 'localhost/busybox:latest',
    restartKubelet: env['E2E_RESTART_KUBELET'] ?? 'docker exec kind-control-plane systemctl restart kubelet',
    topics: (env['E2E_TOPICS'] ?? '').split(/[\s,]+/).filter((name) => name !== ''),
    firstStarts: Number(env['E2E_FIRST_STARTS'] ?? 2),
  };
}

function kindGateway(): string {
  const format = '{{range .IPAM.Config}}{{.Gateway}} {{end}}';
  const gateways = execFileSync('docker', ['network', 'inspect', 'kind', '--format', format], { encoding: 'utf8' });
  const gateway = gateways.split(/\s+/).find((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address));
  if (gateway === undefined)
    throw new Error('E2E_HOST_IP is not set, and the docker network "kind" has no IPv4 gateway');
  return gateway;
}
